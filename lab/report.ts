/** Says what the lab does, and how long each part took. Times are seconds of wall clock. */
export class LabReport {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void = (line) => process.stdout.write(`${line}\n`)) {
    this.#write = write;
  }

  say(text: string): void {
    this.#write(text);
  }

  /** Runs one part of the work and prints how long it took; `work` may return a remark. */
  async part(system: string, name: string, work: () => Promise<string | undefined>): Promise<void> {
    const started = performance.now();
    const remark = await work();
    const took_s = (performance.now() - started) / 1000;
    this.#write(
      `${system.padEnd(10)} ${name.padEnd(24)} ${took_s.toFixed(2).padStart(7)} s${remark ? `  ${remark}` : ''}`,
    );
  }
}
