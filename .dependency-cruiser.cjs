// Imports go one way: commons <- spark, trino, kafka, stack <- pipeline <- extract, transform, maintain <- cli <- bin.
const may = (folder, ...allowed) => ({
  name: `${folder}-imports`,
  severity: 'error',
  comment: `src/${folder} may import only: ${[folder, ...allowed].join(', ')}`,
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-dev-dependencies', severity: 'error', from: { path: '^src/' }, to: { dependencyTypes: ['npm-dev'] } },
    may('commons'),
    may('spark', 'commons'),
    may('trino', 'commons'),
    may('kafka', 'commons'),
    may('monitoring', 'commons'),
    may('stack', 'commons', 'monitoring'),
    may('pipeline', 'commons', 'spark', 'trino', 'kafka'),
    may('extract', 'commons', 'spark', 'trino', 'kafka', 'pipeline'),
    may('transform', 'commons', 'spark', 'trino', 'kafka', 'pipeline'),
    may('maintain', 'commons', 'spark', 'trino', 'kafka', 'pipeline'),
    may('dashboard', 'commons', 'spark', 'trino', 'kafka', 'pipeline', 'extract', 'transform', 'maintain'),
    may('drill', 'commons', 'spark', 'trino', 'kafka', 'stack', 'pipeline', 'transform'),
    may(
      'cli',
      'commons',
      'spark',
      'trino',
      'kafka',
      'monitoring',
      'stack',
      'pipeline',
      'extract',
      'transform',
      'maintain',
      'dashboard',
      'drill',
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
