/** Counts what vitest ran, for `npm test`. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** What a run came to. Whatever did not pass failed, also what was skipped. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
}

/** Writes the `TestCount` of a run as JSON into `file`. */
export class CountReporter implements Reporter {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const passed = states.filter((state) => state === 'passed').length;
    const count: TestCount = { passed, failed: states.length - passed };
    writeFileSync(this.#file, JSON.stringify(count));
  }
}
