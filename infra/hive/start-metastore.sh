#!/bin/bash
# Starts the metastore in its container; its tables are made once. Natively: src/stack/services/metastore.ts.
set -eu
home=/opt/metastore
flags=(
  --add-opens=java.base/java.lang=ALL-UNNAMED
  --add-opens=java.base/java.util=ALL-UNNAMED
  --add-opens=java.base/java.net=ALL-UNNAMED
  --add-opens=java.base/java.nio=ALL-UNNAMED
  -Dlog4j.configurationFile=file:/conf/metastore-log4j2.properties
  -cp "/conf:$home/classes:$home/first/*:$home/lib/*"
)
export METASTORE_HOME=$home
schema() { java "${flags[@]}" org.apache.hadoop.hive.metastore.tools.MetastoreSchemaTool -dbType mysql "$@" 2>&1; }

make_schema() {
  echo 'The metastore has no tables yet: making them.'
  # It prints every statement; only its end tells why it failed.
  if said=$(schema -initSchema); then return; fi
  echo "$said" | tail -n 25
  cat <<'HELP'
The metastore's tables could not be made. If an earlier try was interrupted, some are there, and the metastore has never served anybody:
  docker compose exec mariadb sh -c 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysql -uroot -e "DROP DATABASE metastore"'
  docker compose restart mariadb metastore
HELP
  exit 1
}

if said=$(schema -info); then
  echo "$said"
elif grep -qE "VERSION' doesn't exist" <<<"$said"; then
  make_schema
else
  echo "$said" | tail -n 25
  echo 'The state of the metastore'"'"'s database is not known: nothing was changed in it.'
  exit 1
fi
exec java -Xmx384m -XX:+UseSerialGC -Delt.bind.host=0.0.0.0 "${flags[@]}" org.apache.hadoop.hive.metastore.HiveMetaStore -p 9083
