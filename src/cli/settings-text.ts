import { flagOf, type SettingRow } from './setting-row.ts';
import { settingRows } from './settings.ts';

const families = [
  {
    name: 'FAIRLEAD_DEFAULT_<OPTION>',
    help: 'a label for all containers: FAIRLEAD_DEFAULT_TIMEOUT_CONNECT=2s; a label, `off` included, wins',
  },
  {
    name: 'FAIRLEAD_PROFILE_<NAME>',
    help: 'labels for those that say proxy.use=<name>: FAIRLEAD_PROFILE_SLOW="timeout=5m retries=0"',
  },
  {
    name: 'FAIRLEAD_ISSUER_<NAME>_*',
    help: 'another issuer, with the last parts of FAIRLEAD_ACME_*: FAIRLEAD_ISSUER_ZEROSSL_EAB_KID; labels call it proxy.tls=zerossl',
  },
] as const;

/** All settings with their defaults, for `--help`. */
export function settingsHelp(): string {
  const lines = settingRows.flatMap((row) => [
    `  ${flagOf(row.name)} <${plain(row.value)}>`,
    `      ${sentence(row)} [default: ${row.default}]`,
  ]);
  const open = families.flatMap(({ name, help }) => [`  ${name}`, `      ${help}`]);
  return [
    'Settings: a flag, or the environment variable FAIRLEAD_…: --log-level debug is FAIRLEAD_LOG_LEVEL=debug',
    ...lines,
    ...open,
    '',
  ].join('\n');
}

/** docs/settings.md. */
export function settingsMarkdown(): string {
  const rows = settingRows.map((row) => {
    const cells = [
      `\`${row.name}\`<br>\`${flagOf(row.name)}\``,
      row.value,
      row.default,
      sentence(row),
      `\`${row.example}\``,
    ];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  const open = families.map(({ name, help }) => `| ${cell(`\`${name}\``)} | ${cell(help)} |`);
  return `# Settings

<!-- Generated from the rows in src/cli by \`npm run docs\`; edits here are lost. -->

A flag, an environment variable and nothing else: \`--log-level debug\` is \`FAIRLEAD_LOG_LEVEL=debug\`. A flag beats its variable; an
empty variable counts as not set. All problems with settings are reported at once, then the proxy ends with exit code 2. What is
\`not yet active\` is read and checked, and answered with a warning.

| setting | value | default | meaning | example |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

## Families

| setting | meaning |
| --- | --- |
${open.join('\n')}

## Who may use the admin API

On a loopback address no token is needed; requests must ask for a loopback name, and no other site may be their origin. On any other
address a token is needed: \`FAIRLEAD_ADMIN_TOKEN\`, or one that is generated, kept as \`admin-token\` in the data directory and printed
once as a ready link. \`/healthz\` and \`/readyz\` are answered without a token. The commands use the socket \`admin.sock\` in the data
directory, which only its owner may open.
`;
}

function sentence({ help, active }: SettingRow<unknown>): string {
  return active ? help : `${help} (not yet active)`;
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replaceAll(/<(?!br>)(\w+)>/g, '&lt;$1&gt;')
    .replaceAll(/`([^`]*)`/g, (code) => code.replaceAll(/&lt;(\w+)&gt;/g, '<$1>'));
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}
