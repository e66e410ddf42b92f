// SPDX-License-Identifier: Apache-2.0
// Opens a report from disk in a real browser, light, dark and printed: axe-core finds no fault, nothing is loaded from
// anywhere, the policy lets the style through and no script, and hostile text made no element.
// usage: node report.mjs REPORT.html BROWSER [SCREENSHOT.png]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [report, executablePath, screenshot] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const failures = [];
const expect = (what, holds) => holds || failures.push(what);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

async function look(colorScheme, media) {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1000, height: 900 } });
  const page = await context.newPage();
  const asked = [], complaints = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.emulateMedia({ media });
  await page.goto(`file://${report}`);
  const seen = await page.evaluate(() => ({
    background: getComputedStyle(document.body).backgroundColor,
    scripts: document.scripts.length,
    handlers: [...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on"))).length,
    foreign: document.querySelectorAll("img,iframe,object,embed,link,form,a[href],base").length,
    plots: document.querySelectorAll("svg").length,
    wide: document.documentElement.scrollWidth > innerWidth,
    text: document.body.innerText.length,
  }));
  const name = `${colorScheme} ${media}`;
  expect(`${name}: asked for ${asked.slice(1)}`, asked.length === 1);
  expect(`${name}: complaints ${complaints}`, complaints.length === 0);
  expect(`${name}: style does not hold`, colorScheme !== "dark" || seen.background !== "rgb(255, 255, 255)");
  expect(`${name}: elements that do not belong: ${JSON.stringify(seen)}`, !seen.scripts && !seen.handlers && !seen.foreign);
  expect(`${name}: wider than the window`, !seen.wide);
  expect(`${name}: nothing shown`, seen.text > 500 && seen.plots > 0);
  if (screenshot && media === "screen") await page.screenshot({ path: screenshot.replace(".png", `-${colorScheme}.png`), fullPage: true });
  await context.close();
}

// axe runs in a copy of the page without its policy, which would not let it in
async function axeFaults(colorScheme) {
  const context = await browser.newContext({ colorScheme, bypassCSP: true, viewport: { width: 1000, height: 900 } });
  const page = await context.newPage();
  await page.goto(`file://${report}`);
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  for (const fault of found.violations)
    expect(`axe ${colorScheme}: ${fault.id}: ${fault.help}: ${fault.nodes[0].html.slice(0, 200)} (${fault.nodes.length})`, false);
  await context.close();
  return found.passes.length;
}

await look("light", "screen");
await look("dark", "screen");
await look("light", "print");
const passes = (await axeFaults("light")) + (await axeFaults("dark"));
await browser.close();
console.log(`${passes} axe checks passed, ${failures.length} failures`);
for (const failure of failures) console.log(failure);
process.exit(failures.length ? 1 : 0);
