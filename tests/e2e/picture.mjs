// Take pictures of pages: node picture.mjs CHROMIUM FOLDER JSON, a list of {name, url, width, height, scheme}.
import { writeFileSync } from "node:fs"
import { launch } from "./chromium.mjs"

const [chromium, folder, wanted] = process.argv.slice(2)
const browser = await launch(chromium, folder)
try {
  for (const { name, url, ...how } of JSON.parse(wanted)) {
    const page = await browser.visit(url, how)
    const { data } = await page.send("Page.captureScreenshot", {})
    writeFileSync(`${folder}/${name}.png`, Buffer.from(data, "base64"))
  }
} finally {
  await browser.close()
}
