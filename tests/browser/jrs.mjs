// A whole JRS hold in a real browser, through the pages only, from the need to the job: by mouse on a wide light screen,
// or with the keyboard alone on a narrow dark one. Every screen that is reached is looked at by axe. Time is moved by
// whoever began this: a line that begins with @ asks for it, and a line of JSON comes back.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [base, modules, by, links, shots] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(join(modules, "node_modules/axe-core/axe.min.js"), "utf8");
const keys = by === "keys";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function ask(...words) {
  console.log(`@${words.join("|")}`);
  return JSON.parse((await answers.next()).value);
}
const until = (moment) => ask("until", moment);

const wrong = [];
const expect = (is, what) => { if (!is) wrong.push(what); };
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

/** Whoever works with the pages, with a browser of their own. */
async function somebody(name) {
  const context = await browser.newContext({
    viewport: keys ? { width: 360, height: 800 } : { width: 1440, height: 900 },
    colorScheme: keys ? "dark" : "light", locale: "da-DK",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10000);
  page.on("pageerror", (error) => wrong.push(`${name}: script: ${error}`));
  return { name, page, ...(keys ? keyboard(page) : mouse(page)), look: (what) => look(page, `${name}, ${what}`) };
}

// What is hidden from the eye stands apart from what is before it.
const starts = (name) => new RegExp(`^\\s*${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(": ", "\\s*:\\s*")}`);

/** Finds what is read on a page, and clicks it. */
function mouse(page) {
  return {
    link: (name, exact = false) => page.getByRole("link", exact ? { name, exact } : { name: starts(name) }).first().click(),
    button: (name) => page.getByRole("button", { name: starts(name) }).first().click(),
    open: (name) => page.locator("summary").filter({ hasText: starts(name) }).first().click(),
    type: (label, text) => page.getByLabel(starts(label)).and(page.locator(":visible")).first().fill(text),
    choose: (label, option) => page.getByLabel(starts(label)).and(page.locator(":visible")).first().selectOption({ label: option }),
    pick: (group, label) => page.getByRole("group", { name: starts(group) }).getByLabel(label, { exact: true }).check(),
    tick: (label) => page.getByLabel(starts(label)).check(),
    when: (label, moment) => page.getByLabel(starts(label)).and(page.locator(":visible")).first().fill(moment),
  };
}

/** Goes from one thing to the next with Tab, as far as what is read on it; the focus has to be seen on the way. */
function keyboard(page) {
  const focused = () => page.evaluate(() => {
    const one = document.activeElement;
    if (!one || one === document.body) return { text: "", kind: "", seen: true };
    const plain = (text) => (text ?? "").replace(/\s+/g, " ").replace(" :", ":").trim();
    return {
      text: plain(one.labels?.[0]?.innerText) || plain(one.innerText),
      kind: one.localName === "input" && one.type === "radio" ? "radio" : one.localName,
      group: plain(one.closest("fieldset")?.querySelector("legend")?.innerText),
      seen: getComputedStyle(one).outlineStyle !== "none",
    };
  });
  async function reach(what, is) {
    for (let step = 0; step < 150; step += 1) {
      await page.keyboard.press("Tab");
      const found = await focused();
      expect(found.seen, `no focus is seen on »${found.text}«`);
      if (is(found)) return;
    }
    throw new Error(`»${what}« is not reached with the keyboard on ${page.url()}`);
  }
  const on = (name, ...kinds) => reach(name, (found) => kinds.includes(found.kind) && found.text.startsWith(name));
  const goes = (press) => Promise.all([page.waitForEvent("load"), press]);
  return {
    link: async (name, exact = false) => {
      await reach(name, (found) => found.kind === "a" && (exact ? found.text === name : found.text.startsWith(name)));
      await goes(page.keyboard.press("Enter"));
    },
    button: async (name) => { await on(name, "button"); await goes(page.keyboard.press("Enter")); },
    open: async (name) => { await on(name, "summary"); await page.keyboard.press("Enter"); },
    type: async (label, text) => { await on(label, "input", "textarea"); await page.keyboard.type(text); },
    choose: async (label, option) => {
      await on(label, "select");
      for (let step = 0; step < 12; step += 1) {
        if (await page.evaluate(() => document.activeElement.selectedOptions[0]?.text) === option) return;
        await page.keyboard.press("ArrowDown");
      }
      throw new Error(`»${option}« is not among »${label}«`);
    },
    pick: async (group, label) => {
      await reach(group, (found) => found.kind === "radio" && found.group.startsWith(group));
      for (let step = 0; step < 12; step += 1) {
        if ((await focused()).text === label) return;
        await page.keyboard.press("ArrowDown");
      }
      throw new Error(`»${label}« is not among the answers for »${group}«`);
    },
    tick: async (label) => { await on(label, "input"); await page.keyboard.press("Space"); },
    when: async (label, moment) => {
      await on(label, "input");
      const [, year, month, day, hour, minute] = moment.match(/^(\d+)-(\d+)-(\d+)T(\d+):(\d+)$/);
      const half = Number(hour) < 12 ? "AM" : "PM";
      const twelve = String((Number(hour) + 11) % 12 + 1).padStart(2, "0");
      // As Danes and as Americans have it: which of them the browser asks for is its own affair.
      for (const parts of [[day, month, year, hour, minute], [month, day, year, twelve, minute, half]]) {
        for (const part of parts) {
          await page.keyboard.type(part);
          if (part === year) await page.keyboard.press("ArrowRight");
        }
        if (await page.evaluate(() => document.activeElement.value) === moment) return;
        for (const _ of "123456") await page.keyboard.press("ArrowLeft");
      }
      throw new Error(`${moment} cannot be typed into »${label}«: ${await page.evaluate(() => document.activeElement.value)}`);
    },
  };
}

/** What axe says, what a page must have, and that nothing is wider than the screen. */
async function look(page, name) {
  const found = await page.evaluate(`(() => { ${axe}; return axe.run() })()`);
  expect(found.passes.length > 5, `${name}: axe looked at nothing`);
  for (const one of found.violations) {
    wrong.push(`${name}: ${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  }
  expect(await page.title() !== "" && await page.locator("h1").count() === 1, `${name}: no title or heading`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide <= 0, `${name}: ${wide} px wider than the screen`);
  if (shots) await page.screenshot({ path: join(shots, `${by}-${name.replace(/[ ,]+/g, "-")}.png`), fullPage: true });
  console.log(`${name}: ${found.passes.length} rules`);
}

const heading = (who, name) => who.page.getByRole("heading", { level: 1, name: starts(name) }).waitFor();
async function said(who, words) {
  const told = who.page.getByRole("status").or(who.page.getByRole("alert")).first();
  await told.waitFor();
  const text = await told.innerText();
  expect(text.includes(words), `${who.name}: »${words}« is said, and not »${text}«`);
}

/** Chooses a password by the link, and logs in. */
async function enter(name, email, link) {
  const who = await somebody(name);
  const secret = "tre blå cykler i regn";
  await who.page.goto(base + link);
  await who.look("velkommen");
  await who.type("Adgangskode", secret);
  await who.type("Den samme igen", secret);
  await who.button("Gem");
  await heading(who, "Log ind");
  // The field of the address has the focus, as far as a keyboard goes.
  await who.page.evaluate(() => document.activeElement.blur());
  await who.type("Mailadresse", email);
  await who.type("Adgangskode", secret);
  await who.button("Log ind");
  await heading(who, "I dag");
  return who;
}

async function hold(who) {
  await who.link("Hold", true);
  await heading(who, "Hold");
  await who.link("Hold 1");
  await heading(who, "Hold 1");
}

async function task(who, title, fields = []) {
  await who.link("I dag", true);
  await heading(who, "I dag");
  if (fields.length > 0) await who.open(`Løst… ${title}`);
  for (const [label, value] of fields) {
    await (value === "Ja" ? who.choose(label, value) : who.type(label, value));
  }
  await who.button(`Løst: ${title}`);
  await said(who, "Hold 1");
}

try {
  const [viggoLink, signeLink, anjaLink] = links.split(",");
  const viggo = await enter("tovholderen", "viggo@jrs.example", viggoLink);
  const signe = await enter("uddannelseskonsulenten", "signe@jrs.example", signeLink);
  const anja = await enter("jobkonsulenten", "anja@nordby.example", anjaLink);

  // The need, the wheel and the places.
  await viggo.look("i dag");
  await task(viggo, "Kortlæg behovet", [["Antal ledige og deres profil", "16 ledige, der vil i ældreplejen"]]);
  await until("2027-02-08T10:00");
  await task(viggo, "Skriv udkast til årshjul");
  await task(viggo, "Vedtag årshjulet");
  await task(viggo, "Mød skolen, og køb pladser", [
    ["Kursets indhold", "Hygiejne og faget i praksis"], ["Krav til kandidaterne", "Taler dansk"],
    ["Undervisningstid", "Mandag til fredag"], ["Kursussted", "SOSU-skolen, Skolevej 1"], ["Pris pr. ledig", "5400"],
    ["Dækket af puljemidler", "Ja"], ["Sådan tilmelder", "Send navnet til kursuskontoret"],
  ]);

  // Nominated by the job consultant, and invited by a booking.
  for (const [name, email] of [["Ida Vest", "ida@post.example"], ["Ole Ravn", "ole@post.example"]]) {
    await hold(anja);
    await anja.link("Indstil en kandidat");
    if (name === "Ida Vest") await anja.look("indstil");
    await anja.type("For- og efternavn", name);
    await anja.type("Mailadresse", email);
    await anja.button("Indstil");
    await heading(anja, name);
    await said(anja, `${name} er indstillet`);
  }
  await anja.look("kandidaten");
  await hold(viggo);
  await viggo.look("holdet");
  await viggo.open("Book… Informationsmøde");
  await viggo.when("Dag og tid", "2027-03-24T13:00");
  await viggo.button("Book: Informationsmøde");
  await said(viggo, "Hold 1");
  await until("2027-03-24T15:30");
  expect((await ask("mail", "ida@post.example")).some((text) => text.includes("Informationsmøde") || text.includes("informationsmøde")), "Ida is invited");
  await hold(viggo);
  await viggo.link("Holdt… Informationsmøde");
  await heading(viggo, "Informationsmøde");
  await viggo.look("hvem der kom");
  await viggo.button("Mødet er holdt");
  await said(viggo, "Hold 1");

  // Selected, after each mail has been read.
  await hold(signe);
  await signe.link("Udvælgelse");
  await heading(signe, "Udvælgelse: Mødt til informationsmøde");
  expect((await signe.page.locator(".clock").innerText()).includes("hverdage tilbage"), "the clock of the deadline is there");
  await signe.look("udvælgelse");
  for (const name of ["Ida Vest", "Ole Ravn"]) {
    await signe.pick(name, "Udvælg");
    await signe.choose("Screeningsdokument udfyldt", "Ja");
    for (const [label, value] of [["Dansk, 9. klasse", "4"], ["Matematik, 9. klasse", "02"], ["Støttebehov", "Ingen"]]) {
      if (keys || name === "Ida Vest") await signe.choose(label, value);
    }
    if (!keys && name === "Ida Vest") await signe.page.getByLabel("Screeningsdokument udfyldt (Ole Ravn)").selectOption("Ja");
  }
  await signe.button("Vis, hvad der sker");
  await heading(signe, "Det sker der");
  const shown = await signe.page.locator("pre.mail").allInnerTexts();
  expect(shown.length === 1 && shown[0].includes("Ida Vest") && shown[0].includes("Ole Ravn"), `one mail to the job consultant: ${shown}`);
  await signe.look("det sker der");
  await signe.button("Gør det");
  await said(signe, "2 kandidater har fået svar");
  await until("2027-03-31T12:00");
  const plain = (text) => text.replace(/\s+/g, " ").trim();
  expect((await ask("mail", "anja@nordby.example")).some((text) => plain(text) === plain(shown[0])), "the mail reads as it was shown");

  // Enrolled by the job consultant; one gives the place back by the link in the mail.
  await anja.link("I dag", true);
  await anja.look("i dag");
  await anja.button("Løst: Tilmeld på skolen");
  await said(anja, "Tilmeld på skolen");
  await until("2027-04-21T10:00");
  const mail = (await ask("mail", "ole@post.example")).find((text) => text.includes("/svar/"));
  const ole = await somebody("kandidaten");
  await ole.page.goto(mail.match(/http\S+\/svar\/\S+/)[0]);
  await ole.look("svar");
  await ole.button("Melder fra før start");
  await heading(ole, "Tak, det er noteret");
  await ole.look("svaret");

  // The course: absence is reported by the job consultant, and a conversation booked.
  await until("2027-05-04T09:00");
  await hold(anja);
  await anja.link("Fremmøde i dag");
  await anja.look("fremmøde");
  await anja.tick("Ida Vest");
  await anja.button("Notér fravær");
  await said(anja, "Noteret for 1");
  await hold(anja);
  await anja.link("Ida Vest");
  await anja.open("Book… Samtale");
  await anja.when("Dag og tid", "2027-05-18T10:00");
  await anja.button("Book: Samtale");
  await said(anja, "Ida Vest");
  await until("2027-05-18T11:00");
  await viggo.link("I dag", true);
  await viggo.button("Holdt: Samtale");
  await said(viggo, "Ida Vest");

  // The match, and the end.
  await until("2027-06-01T10:00");
  await hold(viggo);
  await viggo.link("Ida Vest");
  expect((await viggo.page.locator("main").innerText()).includes("Jobmatch"), "the course has ended by itself");
  await viggo.button("Udfør: Ansat i ordinært job");
  await said(viggo, "Ida Vest");
  await viggo.look("kandidaten til sidst");
  await hold(viggo);
  const column = (name) => viggo.page.locator("section.column").filter({ has: viggo.page.getByRole("heading", { name: starts(name) }) });
  expect((await column("Ordinært job").innerText()).includes("Ida Vest"), "Ida has a job");
  expect((await column("Meldte fra").innerText()).includes("Ole Ravn"), "Ole gave the place back");
  await viggo.link("Tal", true);
  await viggo.look("tal");
} catch (error) {
  wrong.push(String(error.stack ?? error));
  for (const [at, context] of browser.contexts().entries()) {
    for (const page of context.pages()) if (shots) await page.screenshot({ path: join(shots, `failed-${by}-${at}.png`), fullPage: true });
  }
}
await browser.close();
for (const one of wrong) console.error(one);
process.exit(wrong.length === 0 ? 0 : 1);
