import { strict as assert } from 'node:assert';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('..', import.meta.url));
const MANTINE = fileURLToPath(new URL('../../../node_modules/@mantine/core/', import.meta.url));
const styled = [
  ...readFileSync(join(SOURCES, 'app/mantine-styles.ts'), 'utf8').matchAll(
    /styles\/([A-Z]\w+)\.css/g,
  ),
].map(([, name = '']) => name);

test('each component of Mantine that is used brings its styles', () => {
  const missing: string[] = [];
  for (const file of globSync('**/*.tsx', { cwd: SOURCES })) {
    const text = readFileSync(join(SOURCES, file), 'utf8');
    for (const [, names = ''] of text.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)) {
      for (const name of names.split(',').map((name) => name.trim())) {
        if (name === 'NativeSelect' && !styled.includes('Combobox'))
          missing.push(`${file}: Combobox`);
        const hasStyles = existsSync(join(MANTINE, `styles/${name}.css`));
        if (hasStyles && !styled.includes(name)) missing.push(`${file}: ${name}`);
      }
    }
  }
  assert.deepEqual(missing, []);
});
