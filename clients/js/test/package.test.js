import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

describe('the package', () => {
  let folder;
  let packed;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'posthaste-pack-'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
    [packed] = JSON.parse(stdout);
    await run('tar', ['xf', packed.filename], { cwd: folder });
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('holds the client, its types and its licence, and nothing else', () => {
    const others = packed.files.map(({ path }) => path).filter((path) => !/^src\/[a-z-]+\.js$/.test(path));
    assert.deepEqual(others.sort(), ['LICENSE', 'README.md', 'package.json', 'src/posthaste.d.ts']);
  });

  it('needs nothing else', async () => {
    const { dependencies, peerDependencies } = JSON.parse(await readFile(join(folder, 'package/package.json'), 'utf8'));
    assert.deepEqual([dependencies, peerDependencies], [undefined, undefined]);
    for (const { path } of packed.files.filter(({ path }) => path.endsWith('.js'))) {
      const code = await readFile(join(folder, 'package', path), 'utf8');
      for (const [, from] of code.matchAll(/^(?:import|export) .* from '([^']+)';$/gm)) {
        assert.match(from, /^\.\/[a-z-]+\.js$/, `${path} imports ${from}`);
      }
    }
  });

  it('is small', async () => {
    const sources = packed.files.map(({ path }) => path).filter((path) => path.endsWith('.js'));
    const code = await Promise.all(sources.map((path) => readFile(join(folder, 'package', path))));
    const bytes = gzipSync(Buffer.concat(code)).length;
    assert.ok(bytes < 20_480, `${bytes} bytes of code, gzipped (expected: below 20 KiB)`);
  });

  it('can be imported by its name', async () => {
    const script = "import('@posthaste/client').then((it) => console.log(Object.keys(it).join()))";
    const { stdout } = await run(process.execPath, ['-e', script], { cwd: ROOT });
    assert.equal(stdout.trim(), 'Posthaste,PosthasteError');
  });

  it('has types that compile', async () => {
    const flags = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom,dom.iterable',
    ];
    await run(process.execPath, ['node_modules/typescript/bin/tsc', ...flags, 'test/types.ts'], { cwd: ROOT }).catch(
      ({ stdout }) => assert.fail(stdout),
    );
  });

  it('is formatted', async () => {
    await run(process.execPath, ['node_modules/prettier/bin/prettier.cjs', '--check', '.'], { cwd: ROOT }).catch(
      ({ stderr }) => assert.fail(`npm run format: ${stderr}`),
    );
  });
});
