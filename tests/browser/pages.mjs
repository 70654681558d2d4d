// Real people's ways through the pages, in a real browser: everything is found by what is read on it, and every page
// is looked at by axe, light and dark, wide and narrow. Prints a line per page; ends with 1 when anything is wrong.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [base, link, modules, shots] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(join(modules, "node_modules/axe-core/axe.min.js"), "utf8");

const wrong = [];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "da-DK" });
const page = await context.newPage();
page.setDefaultTimeout(15000);
page.on("console", (message) => {
  // Browsers write down that a page says what is wrong with a form, or that there is none.
  if (message.type() === "error" && !/status of 4(04|22)/.test(message.text())) wrong.push(`console: ${message.text()}`);
});
page.on("pageerror", (error) => wrong.push(`script: ${error}`));

const expect = (is, what) => { if (!is) wrong.push(what); };

/** Follows a link, and is there when its page is: axe would look at the one before while that goes away. */
const follow = (name) => Promise.all([page.waitForEvent("load"), page.getByRole("link", { name }).click()]);

/** What axe says, what a page must have, and that nothing is wider than the screen. */
async function look(name, most = 200_000) {
  const where = `${name} (${page.viewportSize().width})`;
  const found = await page.evaluate(`(() => { ${axe}; return axe.run() })()`);
  expect(found.passes.length > 5, `${where}: axe looked at nothing`);
  for (const one of found.violations) {
    wrong.push(`${where}: ${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  }
  expect(await page.title() !== "", `${where}: no title`);
  expect(await page.locator("main").count() === 1 && await page.locator("h1").count() === 1, `${where}: no one heading`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide <= 0, `${where}: ${wide} px wider than the screen`);
  const weight = await page.evaluate(() => [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")]
    .reduce((sum, entry) => sum + entry.encodedBodySize, 0));
  expect(weight < most, `${where}: weighs ${weight} bytes`);
  if (shots) await page.screenshot({ path: join(shots, `${where.replace(/[ ()]/g, "-")}.png`), fullPage: true });
  console.log(`${where}: ${found.passes.length} rules, ${weight} bytes`);
}

/** Opens the first of the mails that are coming of which something can be wished: what is gathered is not. */
async function wishable() {
  const links = await page.locator("tbody a").evaluateAll((all) => all.map((one) => one.href));
  for (const link of links) {
    await page.goto(link);
    if (await page.getByText("Ret teksten").count() > 0) return;
  }
  wrong.push(`of ${links.length} mails that are coming none can be kept back`);
}

/** With the keyboard alone: goes on to what is read so, and presses it. */
async function press(text) {
  for (let step = 0; step < 80; step += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const one = document.activeElement;
      const style = getComputedStyle(one);
      if (one === document.body) return { text: "", seen: true };
      const text = (one.innerText ?? "").replace(/\s+/g, " ").replace(" :", ":").trim();
      return { text: text || one.labels?.[0]?.innerText || "", seen: style.outlineStyle !== "none" };
    });
    expect(found.seen, `no focus is seen on »${found.text}«`);
    if (found.text.startsWith(text)) return page.keyboard.press("Enter");
  }
  wrong.push(`»${text}« is not reached with the keyboard`);
}

try {
  await page.goto(base + link);
  await look("velkommen");
  await page.getByLabel("Adgangskode").fill("tre blå cykler i regn");
  await page.getByLabel("Den samme igen").fill("tre blå cykler i regn");
  await page.getByRole("button", { name: "Gem" }).click();
  await look("log-ind");
  await page.getByLabel("Mailadresse").fill("kim@kommune.example");
  await page.getByLabel("Adgangskode").fill("noget helt andet");
  await page.getByRole("button", { name: "Log ind" }).click();
  expect(await page.getByRole("alert").innerText() !== "", "a wrong password is told");
  await look("log-ind igen");
  await page.getByLabel("Adgangskode").fill("tre blå cykler i regn");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "I dag" }).waitFor();
  // What stands beside a case is there when its page is looked at: a note, one instead of another, and a file.
  await page.goto(`${base}/hold`);
  await page.getByRole("link", { name: "Hold 1" }).click();
  await page.getByRole("link", { name: "Anna Birkmose" }).click();
  await page.getByText("Skriv en note…").click();
  await page.getByLabel("Note").first().fill("Ringer mandag.\nBussen kører kun hver anden time.");
  await page.getByRole("button", { name: "Skriv noten" }).click();
  expect((await page.getByRole("status").innerText()).includes("Noten er skrevet"), "a note is written");
  await page.getByText("Ret eller streg ud…").click();
  const again = page.getByLabel("Note").nth(1);
  expect((await again.inputValue()).startsWith("Ringer mandag.\nBussen"), "what is corrected is there to be corrected");
  await again.fill("Ringer tirsdag.");
  await page.getByLabel("Kun for tovholdere").nth(1).check();
  await page.getByRole("button", { name: "Skriv i stedet" }).click();
  expect(await page.locator("s", { hasText: "Ringer mandag." }).count() === 1, "it is struck out and stays");
  await page.getByText("Læg en fil på sagen…").click();
  await page.getByLabel("Hvad er det?").selectOption({ label: "CV" });
  await page.getByLabel("Fil", { exact: true }).setInputFiles({ name: "CV Anna.txt", mimeType: "text/plain", buffer: Buffer.from("Har kørekort.") });
  await page.getByRole("button", { name: "Læg på sagen" }).click();
  expect((await page.getByRole("status").innerText()).includes("Filen er lagt"), "a file is put to the case");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CV Anna.txt" }).click()]);
  expect(readFileSync(await download.path(), "utf8") === "Har kørekort.", "the file comes as it was given");

  for (const [width, scheme] of [[1440, "light"], [1440, "dark"], [360, "light"], [360, "dark"]]) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme: scheme });
    for (const [name, path] of [["i dag", "/"], ["hold", "/hold"], ["udbakke", "/udbakke"], ["kommer", "/udbakke/kommer"], ["standset", "/udbakke/standset"], ["årshjul", "/aarshjul"], ["tal", "/tal"], ["forløb", "/forloeb"], ["et forløb", "/forloeb/holstebro-introforloeb"], ["nyt hold", "/aarshjul/nyt"], ["import", "/import"], ["konti", "/konti"], ["mig", "/mig"], ["nøgler", "/mig/noegler"]]) {
      await page.goto(base + path);
      await look(`${name} ${scheme}`);
    }
    await page.goto(`${base}/hold`);
    await follow("Hold 1");
    await look(`tavle ${scheme}`);
    await follow("Anna Birkmose");
    await look(`kandidat ${scheme}`);
    await follow("Flyt til et andet hold…");
    await look(`flyt ${scheme}`);
    await page.goBack();
    for (const one of await page.locator("main details > summary").all()) await one.click();
    await look(`kandidat, alt åbent ${scheme}`);
    await page.goto(`${base}/forloeb/holstebro-introforloeb/ret`);
    await page.getByText("Ingen problemer").waitFor();
    await look(`editor ${scheme}`, 500_000);
    await page.goto(`${base}/hold`);
    await page.getByRole("link", { name: "Hold 1" }).click();
    await page.getByRole("link", { name: "Mails, der kommer" }).click();
    await look(`det, der kommer ${scheme}`);
    await wishable();
    await page.getByText("Ret teksten").click();
    await look(`en mail, der kommer ${scheme}`);
    await page.goto(`${base}/udbakke/standset`);
    await page.getByLabel("Hvorfor").fill("Forkert dato i skabelonen");
    await page.getByRole("button", { name: "Stands", exact: true }).click();
    await page.getByRole("link", { name: /Lad det gå/ }).waitFor();
    await look(`noget er standset ${scheme}`);
    await page.getByRole("link", { name: /Lad det gå/ }).click();
    await look(`lad mail gå ${scheme}`);
    await page.getByRole("button", { name: "Lad mailen gå" }).click();
    await page.getByText("Intet er standset.").waitFor();
    await page.goto(`${base}/hold`);
    await page.getByRole("link", { name: "Hold 1" }).click();
    const hold = page.url();
    await page.getByRole("link", { name: "Skift version" }).click();
    await page.getByRole("button", { name: "Vis, hvad det fører til" }).click();
    await page.getByRole("button", { name: "Gør præcis det" }).waitFor();
    await look(`skift version ${scheme}`);
    await page.goto(`${hold}/dage`);
    await page.getByLabel("Første praktikdag").fill("2026-12-14");
    await page.getByRole("button", { name: "Vis andre datoer" }).click();
    await page.getByRole("button", { name: "Flyt datoerne" }).waitFor();
    await look(`flyt datoer ${scheme}`);
    await page.goto(`${hold}/dage?hvad=pause&fra=2026-12-21&til=2026-12-27`);
    await look(`pause ${scheme}`);
    await page.goto(`${base}/forloeb/holstebro-introforloeb/forskel?fra=1&til=2`);
    await look(`forskel ${scheme}`);
    await page.goto(`${base}/findes-ikke`);
    await look(`findes ikke ${scheme}`);
  }

  // A task is done with the keyboard alone, and so is a move that asks for something.
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${base}/hold`);
  await press("Hold 1");
  await page.getByRole("heading", { name: "Hold 1" }).waitFor();
  await press("Anna Birkmose");
  await page.getByRole("heading", { name: "Anna Birkmose" }).waitFor();
  await press("Udfør… Optag på holdet");
  // The first field is known already; the second has to be chosen.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await press("Udfør: Optag på holdet");
  await page.getByRole("status").waitFor();
  expect((await page.getByRole("status").innerText()).includes("Anna Birkmose"), "what was done is said");
  expect(await page.getByText("Kim Holm", { exact: false }).count() > 1, "and who did it");
  await look("kandidat, optaget");
  await page.reload();
  expect(await page.getByRole("status").count() === 0, "it is said once");

  // The step is taken back once it has been read what comes of it, and taken again.
  await page.getByRole("link", { name: "Fortryd seneste skridt" }).click();
  await look("fortryd et skridt");
  await page.getByRole("link", { name: "Lad det stå" }).click();
  await page.getByRole("link", { name: "Orlov" }).click();
  await page.getByLabel("Fra", { exact: true }).fill("2026-12-14");
  await page.getByLabel("Til og med", { exact: true }).fill("2026-12-18");
  await page.getByRole("button", { name: "Vis med pausen" }).click();
  await look("orlov");

  // A card is moved by key where there is a way, and it is said why where there is none; who looks at the same board
  // sees it by themselves.
  const other = await context.newPage();
  await other.goto(`${base}/hold`);
  await other.getByRole("link", { name: "Hold 1" }).click();
  const column = (where, title) => where.locator(".column", { has: where.getByRole("heading", { name: title }) });
  await page.goto(`${base}/hold`);
  await page.getByRole("link", { name: "Hold 1" }).click();
  await page.getByRole("link", { name: "Ågot Svanelund" }).focus();
  await page.keyboard.press("Shift+ArrowRight");
  await page.getByRole("alert").waitFor();
  expect((await page.getByRole("alert").innerText()).includes("kræver først"), "it is said what is missing");
  await page.waitForFunction(() => document.activeElement.textContent === "Ågot Svanelund");
  await look("tavle, afvist");
  const card = page.locator(".card", { hasText: "Ågot Svanelund" });
  const into = await column(page, "Ikke optaget").elementHandle();
  await card.evaluate((one, into) => {
    const dataTransfer = new DataTransfer();
    const drag = (at, type) => at.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    drag(one, "dragstart");
    drag(into, "dragover");
    drag(into, "drop");
  }, into);
  await page.getByRole("status").first().waitFor();
  await column(page, "Ikke optaget").getByText("Ågot Svanelund").waitFor();
  await column(other, "Ikke optaget").getByText("Ågot Svanelund").waitFor();
  await other.close();

  // A mail is kept back before it leaves, and let go again.
  await page.getByRole("link", { name: "Mails, der kommer" }).click();
  await wishable();
  await page.getByRole("button", { name: "Hold den tilbage" }).click();
  await page.getByRole("button", { name: "Lad den gå til sin tid" }).click();
  await page.getByRole("button", { name: "Hold den tilbage" }).waitFor();

  // A workflow is written with the keyboard alone: Tab belongs to the text until Esc gives it back.
  const kept = await page.evaluate(async () => (await fetch("/forloeb/holstebro-introforloeb/ret")).status);
  expect(kept === 200, "the editor is there");
  await page.goto(`${base}/forloeb/holstebro-introforloeb/ret`);
  await page.getByText("Ingen problemer").waitFor();
  const text = page.getByLabel("Forløbets tekst");
  await text.focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Tab");
  expect((await text.inputValue()).startsWith("  "), "Tab indents");
  await page.keyboard.press("Shift+Tab");
  expect(!(await text.inputValue()).startsWith(" "), "Shift and Tab take it back");
  await page.keyboard.type("bogus: 1");
  await page.keyboard.press("Enter");
  await page.getByText('a workflow has no key "bogus"').waitFor();
  expect(await page.locator(".gutter .error").count() === 1, "a mark stands at the line");
  await look("editor med fejl", 500_000);
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Escape");
  await press("Linje");
  const line = await text.evaluate((area) => [document.activeElement === area, area.value.slice(0, area.selectionStart).split("\n").length]);
  expect(line[0] && line[1] === 1, `the caret is where the problem is: ${line}`);
  await page.keyboard.press("Shift+End");
  await page.keyboard.press("Delete");
  await page.keyboard.press("Delete");
  await page.getByText("Ingen problemer").waitFor();
  await page.getByRole("button", { name: "Prøv" }).click();
  await page.getByText("mails på").waitFor();
  await page.locator(".tried summary").first().click();
  await look("editor med et hold", 500_000);
  await page.keyboard.press("Control+s");

  // A list is pasted, looked at, taken in, and taken back.
  await page.goto(`${base}/hold`);
  await page.getByRole("link", { name: "Hold 1" }).click();
  await page.getByRole("link", { name: "Importér kandidater" }).click();
  await page.getByLabel("Sæt rækkerne ind fra Excel").fill("Navn\tE-mail\tBemærkning\nNy Person\tny@post.example\tringer\nFejl\tfejl\t");
  await page.getByRole("button", { name: "Se listen igennem" }).click();
  await look("listen");
  await page.getByLabel("Bemærkning").selectOption({ label: "Udelad" });
  await page.getByRole("button", { name: "Se igen" }).click();
  await page.getByLabel("Tag de andre ind").check();
  await look("listen igen");
  await page.getByRole("button", { name: "Tag 1 kandidat ind" }).click();
  expect((await page.getByRole("status").innerText()).includes("1 kandidat er taget ind"), "what was taken in is said");
  await page.getByRole("link", { name: "Ny Person" }).waitFor();
  await page.goto(`${base}/import`);
  await page.getByText("Fortryd…").first().click();
  await look("fortryd");
  await page.getByRole("button", { name: "Tag tilbage" }).first().click();
  expect((await page.getByRole("status").innerText()).includes("1 kandidat er taget tilbage"), "what was taken back is said");

  // A new hold from an old one.
  await page.goto(`${base}/hold`);
  await page.getByRole("link", { name: "Hold 1" }).click();
  await page.getByRole("link", { name: "Nyt hold som dette" }).click();
  await page.getByLabel("Den nye første dag").fill("2027-08-09");
  await page.getByRole("button", { name: "Vis det nye hold" }).click();
  expect(await page.getByLabel("Titel").inputValue() === "Hold 2", "it has the next name");
  await look("det nye hold");
  await page.getByRole("button", { name: "Opret holdet" }).click();
  await page.getByRole("heading", { name: "Hold 2" }).waitFor();

  // In English, on request.
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("link", { name: "Today" }).click();
  await page.getByRole("heading", { name: "Today" }).waitFor();
  await look("today");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.goto(`${base}/hold`);
  await page.getByRole("heading", { name: "Log in" }).waitFor();
} catch (error) {
  wrong.push(String(error));
  if (shots) await page.screenshot({ path: join(shots, "failed.png"), fullPage: true });
}
await browser.close();
for (const one of wrong) console.error(one);
process.exit(wrong.length === 0 ? 0 : 1);
