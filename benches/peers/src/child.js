// A client as a child process, spoken to in lines of JSON (clients/client.js says which).

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Child {
  constructor(command, args, task) {
    this.process = spawn(command, task === undefined ? args : [...args, JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_ENV: 'production', ...task?.program.env },
    });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.ended = new Promise((done) => this.process.once('exit', done));
    // What a client cannot be told any more, because it has ended, is seen when it does not answer.
    this.process.stdin.on('error', () => {});
  }

  get pid() {
    return this.process.pid;
  }

  /** Waits for an event; other lines are passed by. A client that ends or is too slow fails the run. */
  async wait(event, seconds) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no "${event}" within ${seconds} s`)), seconds * 1000);
    });
    try {
      return await Promise.race([this.#next(event), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #next(event) {
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) throw new Error(`the client ended before "${event}"`);
      if (!value.startsWith('{')) {
        console.error(value);
        continue;
      }
      const said = JSON.parse(value);
      if (said.event === event) return said;
    }
  }

  tell(message) {
    this.process.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** All that it says until it ends, as one JSON value; its input stays open for so long. */
  async text(seconds) {
    const timer = setTimeout(() => this.process.kill('SIGKILL'), seconds * 1000);
    let text = '';
    for await (const line of { [Symbol.asyncIterator]: () => this.lines }) text += `${line}\n`;
    clearTimeout(timer);
    const code = await this.ended;
    if (code !== 0) throw new Error(`it ended with ${code}: ${text.trim()}`);
    return JSON.parse(text);
  }

  /** Lets it end by itself; one that does not is ended. */
  async end() {
    this.process.stdin.end();
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 5000);
    await this.ended;
    clearTimeout(timer);
  }
}
