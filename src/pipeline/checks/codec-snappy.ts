import { type LedgerCheck, verdictOf } from '../check.js';

export const codecSnappy: LedgerCheck = {
  kind: 'ledger',
  name: 'codec-snappy',
  meaning:
    'The table is declared as Parquet compressed with snappy. (No engine shows the codec of a file in its metadata.)',
  on: ['raw', 'silver', 'rejects'],
  judge({ ledger: { properties } }) {
    const codec = properties['write.parquet.compression-codec'] ?? 'not set (Iceberg’s default: zstd)';
    const format = properties['write.format.default'] ?? 'parquet';
    const findings = [
      ...(codec.toLowerCase() === 'snappy' ? [] : [`codec ${codec}`]),
      ...(format.toLowerCase() === 'parquet' ? [] : [`format ${format}`]),
    ];
    return verdictOf('parquet, snappy', findings, 'parquet, snappy');
  },
};
