#!/bin/bash
# Starts a broker in its container: the storage is formatted once.
set -eu
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "$KAFKA_CLUSTER_ID" --config /conf/server.properties
exec /opt/kafka/bin/kafka-server-start.sh /conf/server.properties
