// Look at the page for people as a person does: node landing_page.mjs CHROMIUM FOLDER URL
// Prints what was seen as JSON. FOLDER gets the browser's profile.
import { launch } from "./chromium.mjs"

const [chromium, folder, url] = process.argv.slice(2)
const PATIENCE = 20_000 // milliseconds for the clipboard, on a machine that has much else to do
const VISITS = [
  { name: "desktop-light", width: 1280, height: 900, scheme: "light" },
  { name: "desktop-dark", width: 1280, height: 900, scheme: "dark" },
  { name: "phone-light", width: 390, height: 844, scheme: "light" },
  { name: "phone-dark", width: 390, height: 844, scheme: "dark" },
  { name: "smallest-light", width: 320, height: 568, scheme: "light" },
  { name: "smallest-dark", width: 320, height: 568, scheme: "dark" },
]

// WCAG 2.2, 1.4.3: the contrast of each text against the first opaque background behind it. Pure functions of the page.
const CONTRAST = `(() => {
  const parse = color => color.match(/[\\d.]+/g).map(Number)
  const luminance = color => parse(color).slice(0, 3).map(each => each / 255)
    .map(each => each <= .04045 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4)
    .reduce((sum, each, index) => sum + each * [.2126, .7152, .0722][index], 0)
  const backgroundOf = element => {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor
      if (parse(color)[3] !== 0) return color
    }
    return "rgb(255, 255, 255)"
  }
  const ratio = (one, other) => (Math.max(one, other) + .05) / (Math.min(one, other) + .05)
  const texts = [...document.querySelectorAll("h1, h2, h3, p, label, textarea, button, a, code, strong, .hint")]
  return Math.min(...texts.filter(each => each.checkVisibility() && (each.value ?? each.textContent))
    .map(each => ratio(luminance(getComputedStyle(each).color), luminance(backgroundOf(each)))))
})()`
const OPEN_ALL = `document.querySelectorAll("details").forEach(each => { each.removeAttribute("name"); each.open = true })`
// Not against innerWidth: a phone zooms out until all of a page that is too wide fits, and innerWidth grows with it.
const WIDTH = "document.documentElement.scrollWidth"
// A client's name that takes more than one line, and how much of the address is out of sight.
const BROKEN_NAMES = `[...document.querySelectorAll("h3")]
  .filter(each => each.offsetHeight > 1.5 * parseFloat(getComputedStyle(each).lineHeight)).map(each => each.textContent)`
const HIDDEN_PIXELS = `(each => each.scrollWidth - each.clientWidth + each.scrollHeight - each.clientHeight)(
  document.getElementById("address"))`
const VISIBLE_BUTTONS = `[...document.querySelectorAll("button")].filter(each => each.checkVisibility()).length`

async function copy(browser, page) {
  await browser.send("Browser.grantPermissions", { permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"] })
  await page.send("Page.bringToFront")
  const { x, y } = await page.evaluate(`(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))(
    document.querySelector(".field button").getBoundingClientRect())`)
  for (const type of ["mousePressed", "mouseReleased"])
    await page.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 })
  // The button's text changes once the clipboard has the address.
  const answered = await page.evaluate(`new Promise(done => {
    const button = document.querySelector(".field button")
    const check = () => button.textContent !== "Copy" && done(true)
    new MutationObserver(check).observe(button, { childList: true })
    check()
    setTimeout(done, ${PATIENCE}, false)
  })`)
  return {
    clipboard: answered && await page.evaluate("navigator.clipboard.readText()"),
    spoken: await page.evaluate(`document.querySelector("[role=status]").textContent`),
  }
}

// Tab from the address to the first client, and open it with Enter.
async function useKeyboard(page) {
  await page.evaluate(`document.getElementById("address").focus()`)
  for (let tabs = 0; tabs < 10; tabs++) {
    await page.press("Tab")
    if (await page.evaluate(`document.activeElement.tagName === "SUMMARY"`)) break
  }
  const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
  await page.press("Enter")
  return { outline, opened: await page.evaluate(`document.querySelectorAll("details[open]").length`) }
}

const browser = await launch(chromium, folder)
try {
  const seen = {}
  for (const { name, ...how } of VISITS) {
    const page = await browser.visit(url, how)
    const closed = await page.evaluate(WIDTH)
    await page.evaluate(OPEN_ALL)
    seen[name] = {
      overflow: Math.max(closed, await page.evaluate(WIDTH)) - how.width,
      contrast: await page.evaluate(CONTRAST),
      brokenNames: await page.evaluate(BROKEN_NAMES),
      hiddenPixels: await page.evaluate(HIDDEN_PIXELS),
      background: await page.evaluate("getComputedStyle(document.body).backgroundColor"),
      requests: page.requests,
      complaints: page.complaints,
    }
  }
  const page = await browser.visit(url, VISITS[0])
  seen.copied = await copy(browser, page)
  seen.keyboard = await useKeyboard(page)
  seen.complaints = page.complaints
  const plain = await browser.visit(url, { ...VISITS[0], script: false })
  seen.withoutScript = {
    buttons: await plain.evaluate(VISIBLE_BUTTONS),
    address: await plain.evaluate(`document.getElementById("address").value`),
    complaints: plain.complaints,
  }
  console.log(JSON.stringify(seen))
} finally {
  await browser.close()
}
