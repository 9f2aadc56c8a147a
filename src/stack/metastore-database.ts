/** Statements that make sure of the metastore's database and of its user `hive`, who comes from these hosts. Pure. */
export function metastoreDatabaseSql(password: string, hosts: readonly string[]): string {
  if (!/^[\w./+=~-]+$/.test(password)) {
    throw new Error("The metastore's password may have letters, digits and . _ - / + = ~ only.");
  }
  const users = hosts.flatMap((from) => [
    `CREATE USER IF NOT EXISTS 'hive'@'${from}';`,
    `ALTER USER 'hive'@'${from}' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON metastore.* TO 'hive'@'${from}';`,
  ]);
  return ['CREATE DATABASE IF NOT EXISTS metastore CHARACTER SET latin1;', ...users, ''].join('\n');
}
