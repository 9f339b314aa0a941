import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RootImage } from './import-root.ts';
import { hashOf } from './inputs.ts';
import { copyBusybox, makeSkeleton, writeTo } from './root.ts';

/**
 * A backend of 2 MB that listens a few milliseconds after its start: busybox httpd on $PORT (3000). It answers `/`, and every
 * directory named in $PATHS (`PATHS="/api /docs"`), with $NAME, or else with its hostname. For anything else there is `sh`.
 */
export function backendImage(busybox: string): RootImage {
  return {
    tag: 'fairlead-test-backend:latest',
    inputs: hashOf({ files: [busybox, import.meta.filename, join(import.meta.dirname, 'root.ts')] }),
    changes: ['ENV PATH=/usr/bin', 'EXPOSE 3000', 'CMD ["/serve"]'],
    async fill(root) {
      makeSkeleton(root);
      mkdirSync(join(root, 'www'));
      await copyBusybox(root, busybox);
      writeTo(root, 'etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n');
      writeTo(root, 'serve', serve, 0o755);
    },
  };
}

const serve = `#!/bin/sh
for path in / $PATHS; do
  mkdir -p "/www$path"
  echo "\${NAME:-$(hostname)}" > "/www$path/index.html"
done
exec httpd -f -p "\${PORT:-3000}" -h /www
`;
