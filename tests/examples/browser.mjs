// A browser that does as told, over Chrome's DevTools Protocol: node browser.mjs CHROMIUM FOLDER URL STEP...
// A step is "switch", "click:TEXT", "press:PART OF A BUTTON" or "see:TEXT", tried in every frame until it can be
// done. What the last step's frame shows is printed. FOLDER gets the browser's profile and, in the end, page.png.
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"

const [chromium, folder, url, ...steps] = process.argv.slice(2)
const PATIENCE = 60_000 // milliseconds for one step, on a machine that has much else to do
const browser = spawn(chromium, [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
  "--remote-debugging-port=0", "--window-size=1000,640", `--user-data-dir=${folder}/profile`, "about:blank",
])

const address = await new Promise((resolve, reject) => {
  let said = ""
  browser.stderr.on("data", data => {
    said += data
    const found = said.match(/DevTools listening on (ws:\S+)/)
    if (found) resolve(found[1])
  })
  browser.on("error", reject)
  browser.on("exit", () => reject(new Error(said)))
})
const socket = new WebSocket(address)
await new Promise(resolve => { socket.onopen = resolve })

let last = 0
const waiting = new Map(), contexts = new Map()
// An answer that cannot come any more is an error: otherwise Node finds nothing to wait for and exits with 13.
socket.onclose = () => {
  for (const { reject } of waiting.values()) reject(new Error("the browser is gone"))
}
const send = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
  if (socket.readyState !== WebSocket.OPEN) return reject(new Error("the browser is gone"))
  waiting.set(++last, { resolve, reject })
  socket.send(JSON.stringify({ id: last, method, params, sessionId }))
})

socket.onmessage = ({ data }) => {
  const { id, method, params, result, error, sessionId } = JSON.parse(data)
  if (id) error ? waiting.get(id).reject(new Error(error.message)) : waiting.get(id).resolve(result)
  if (method === "Runtime.executionContextCreated")
    contexts.set(params.context.uniqueId, { sessionId, uniqueContextId: params.context.uniqueId })
  if (method === "Runtime.executionContextDestroyed") contexts.delete(params.executionContextUniqueId)
  if (method === "Target.attachedToTarget") follow(params.sessionId)
}

// A frame of another origin may be a target of its own.
function follow(sessionId) {
  send("Runtime.enable", {}, sessionId)
  send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: true }, sessionId)
}

const find = {
  click: text => `[...document.querySelectorAll("*")].findLast(it => it.textContent.trim() === ${text})`,
  press: text => `[...document.querySelectorAll("button")].find(it => it.textContent.includes(${text}))`,
  switch: () => `document.querySelector("[role=switch]")`,
}

async function evaluate({ sessionId, uniqueContextId }, expression) {
  const { result } = await send("Runtime.evaluate", { expression, uniqueContextId, returnByValue: true }, sessionId)
  return result.value
}

async function take(step) {
  const [kind, ...rest] = step.split(":"), text = JSON.stringify(rest.join(":"))
  const there = kind === "see"
    ? `document.body.innerText.includes(${text}) && document.body.innerText`
    : `(it => it && (it.click(), true))(${find[kind](text)})`
  for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise(go => setTimeout(go, 100)))
    for (const context of [...contexts.values()].reverse()) {
      const found = await evaluate(context, there).catch(() => null)
      if (found) return found
    }
  throw new Error(`there was nothing to ${step}`)
}

try {
  const { targetId } = await send("Target.createTarget", { url })
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true })
  let seen
  for (const step of steps) seen = await take(step)
  const { data } = await send("Page.captureScreenshot", {}, sessionId)
  writeFileSync(`${folder}/page.png`, Buffer.from(data, "base64"))
  console.log(seen)
} finally {
  await send("Browser.close").catch(() => null)
}
socket.close()
