import { join } from 'node:path';
import { execa } from 'execa';
import { binOf, ROOT } from '../../local/paths';

/** Watches the memory of a process and of all it starts. */
export class MemoryWatch {
  private readonly watching;

  constructor(pid: number) {
    this.watching = execa(join(binOf('bench'), 'python'), [join(ROOT, 'test/bench/peak_memory.py'), String(pid)], {
      stdin: 'pipe',
      // Not a child that dies with Ctrl-C before it is asked: it ends with this process, by its standard input.
      detached: true,
    });
  }

  /** Ends watching; the peak (MiB). */
  async peak(): Promise<number> {
    this.watching.stdin.end();
    const { stdout } = await this.watching;
    return Number(stdout) / 2 ** 20;
  }
}
