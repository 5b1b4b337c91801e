/** The part of an objstore.yml that a check looks at; other keys are left alone. */
import { errorText } from '../../base/errors.ts';
import { parseYaml, type YamlValue } from '../../base/yaml.ts';
import type { BucketFacts } from './facts.ts';

/** Never throws: what is wrong with the file is a fact of its own. */
export function readBucket(path: string, read: () => string): BucketFacts {
  const unread = {
    path,
    type: '',
    endpoint: '',
    accessKey: '',
    secretKey: '',
    isInsecure: false,
  };
  try {
    const fields = new Map(parseYaml(read(), path).entries());
    const config = new Map(fields.get('config')?.entries() ?? []);
    const text = (value: YamlValue | undefined): string =>
      value === undefined || value.isNull ? '' : value.text();
    return {
      path,
      fault: '',
      type: text(fields.get('type')),
      endpoint: text(config.get('endpoint')),
      accessKey: text(config.get('access_key')),
      secretKey: text(config.get('secret_key')),
      isInsecure: text(config.get('insecure')) === 'true',
    };
  } catch (error) {
    return { ...unread, fault: errorText(error) };
  }
}
