// CPU time of process trees from /proc/PID/stat: user and system, the living and those they have waited for.

import { readdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

/** Milliseconds of one tick of /proc's counters. */
const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The numbers of a process: parent, own ticks, and the ticks of children it has waited for. */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may hold anything; what follows is numbers.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
    return { pid: Number(pid), parent: fields[1], own: fields[11] + fields[12], waited: fields[13] + fields[14] };
  } catch {
    return null;
  }
}

/**
 * CPU milliseconds that a process and everything below it have used so far. A child that has ended counts
 * through its parent's sum, so the difference of two calls misses nothing.
 */
export function cpuMs(root) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(stat).filter(Boolean);
  const children = Map.groupBy(all, (process) => process.parent);
  const sum = (process) =>
    process.own + process.waited + (children.get(process.pid) ?? []).reduce((ticks, child) => ticks + sum(child), 0);
  const found = all.find((process) => process.pid === root);
  return found ? sum(found) * TICK_MS : 0;
}

/** Notes the CPU time of processes now and then, so that it can be asked for any span afterwards. */
export class Meter {
  /** `roots`: by name, a function that gives the process to follow, or undefined while there is none. */
  constructor(roots, everyMs = 100) {
    this.roots = roots;
    this.notes = [];
    this.note();
    this.timer = setInterval(() => this.note(), everyMs);
  }

  note() {
    const at = Date.now();
    const used = Object.entries(this.roots).map(([name, root]) => [name, root() ? cpuMs(root()) : 0]);
    this.notes.push({ at, ...Object.fromEntries(used) });
  }

  stop() {
    clearInterval(this.timer);
    this.note();
  }

  /** CPU milliseconds of `name` between two moments (milliseconds), by straight lines between the notes. */
  between(name, from, until) {
    return this.#at(name, until) - this.#at(name, from);
  }

  #at(name, moment) {
    const after = this.notes.findIndex((note) => note.at >= moment);
    if (after === 0) return this.notes[0][name];
    if (after < 0) return this.notes.at(-1)[name];
    const [a, b] = [this.notes[after - 1], this.notes[after]];
    return a[name] + ((b[name] - a[name]) * (moment - a.at)) / (b.at - a.at);
  }
}
