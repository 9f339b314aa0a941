/** The engine that a proxy under test carries its traffic with: `FAIRLEAD_ENGINE=node npm test` runs all of them on the other. */
export const testedEngine = read(process.env.FAIRLEAD_ENGINE);

function read(text: string | undefined): 'h1' | 'node' {
  if (text === undefined || text === '' || text === 'h1') return 'h1';
  if (text === 'node') return 'node';
  throw new Error(`FAIRLEAD_ENGINE=${text}: the tests know h1 and node`);
}
