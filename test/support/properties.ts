import fc from 'fast-check';

// In CI each run tries the same cases, so that what fails there was broken by the change; everywhere else each run tries others.
if (process.env.CI) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_126 });

export { fc };
