// Chromium over Chrome's DevTools Protocol: a page of its own for each visit, and what happened on it.
import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"

const MAX_SECONDS = 120 // for all visits; then the browser is ended, and whoever waits for it gets an error

export async function launch(chromium, folder) {
  const browser = spawn(chromium, [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--hide-scrollbars", "--remote-debugging-port=0", `--user-data-dir=${mkdtempSync(`${folder}/profile`)}`, "about:blank",
  ])
  setTimeout(() => browser.kill(), MAX_SECONDS * 1000).unref()
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
  const waiting = new Map(), listeners = new Map()
  socket.onclose = () => {
    for (const { reject } of waiting.values()) reject(new Error("the browser is gone"))
  }
  socket.onmessage = ({ data }) => {
    const { id, method, params, result, error, sessionId } = JSON.parse(data)
    if (!id) return listeners.get(sessionId)?.(method, params)
    error ? waiting.get(id).reject(new Error(error.message)) : waiting.get(id).resolve(result)
  }
  const send = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject })
    socket.send(JSON.stringify({ id: last, method, params, sessionId }))
  })

  async function visit(url, { width, height, scheme, script = true }) {
    const { targetId } = await send("Target.createTarget", { url: "about:blank" })
    const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true })
    const page = { requests: [], complaints: [], send: (method, params) => send(method, params, sessionId) }
    const loaded = new Promise(resolve => listeners.set(sessionId, (method, params) => {
      if (method === "Page.loadEventFired") resolve()
      if (method === "Network.requestWillBeSent") page.requests.push(params.request.url)
      if (method === "Log.entryAdded") page.complaints.push(params.entry.text)
      if (method === "Runtime.exceptionThrown") page.complaints.push(params.exceptionDetails.text)
    }))
    for (const domain of ["Page", "Network", "Log", "Runtime"]) await page.send(`${domain}.enable`)
    await page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 })
    await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] })
    await page.send("Emulation.setScriptExecutionDisabled", { value: !script })
    await page.send("Page.navigate", { url })
    await loaded
    page.evaluate = async expression => {
      const options = { expression, returnByValue: true, awaitPromise: true }
      const { result, exceptionDetails } = await page.send("Runtime.evaluate", options)
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
      return result.value
    }
    page.press = async key => {
      const text = key === "Enter" ? "\r" : undefined
      await page.send("Input.dispatchKeyEvent", { type: "keyDown", key, code: key, text, windowsVirtualKeyCode: key === "Tab" ? 9 : 13 })
      await page.send("Input.dispatchKeyEvent", { type: "keyUp", key, code: key })
    }
    return page
  }

  async function close() {
    await send("Browser.close").catch(() => null)
    socket.close()
  }
  return { send, visit, close }
}
