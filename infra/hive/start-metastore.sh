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
tool=org.apache.hadoop.hive.metastore.tools.MetastoreSchemaTool
java "${flags[@]}" $tool -dbType mysql -validate >/dev/null 2>&1 || java "${flags[@]}" $tool -dbType mysql -initSchema
exec java -Xmx384m -XX:+UseSerialGC -Delt.bind.host=0.0.0.0 "${flags[@]}" org.apache.hadoop.hive.metastore.HiveMetaStore -p 9083
