#!/bin/sh
# Produces random integers to Kafka: generate_number.sh [COUNT]. See --help.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
program=$here/dist/bin/generate-number.js
if [ ! -f "$program" ]; then
  echo "generate_number.sh: not built yet. Build and start everything with: npm run quickstart (or only build: npm ci && npm run build)" >&2
  exit 2
fi
exec node "$program" "$@"
