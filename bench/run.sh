#!/bin/sh
# Takes every figure of docs/benchmarks.md in one go: Posthaste, nginx with Nchan and the C floor
# in turn on the first core, the load on the second. About an hour; the machine should be quiet.
#
#   bench/run.sh [--rounds N] [--quick] [STEP…]     STEPs: bench/run.sh --help
#
# POSTHASTE overrides how the server is started ({port} and {dir} are filled in), JAVA_OPTS the load
# tool's own flags. A peer that is not installed is left out. Raw output: bench/results/.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
mkdir -p bench/target bench/results
mvn -q -pl bench -am -DskipTests package

posthaste=${POSTHASTE-"env POSTHASTE_TCP=off POSTHASTE_CONNECTIONS_PER_ADDRESS=none ./posthaste serve --http 127.0.0.1:{port} --data {dir}/data"}
set -- --out "bench/results/$(date -u +%Y%m%dT%H%M%SZ).jsonl" "$@"
[ -z "$posthaste" ] || set -- --posthaste "$posthaste" "$@"
if [ -e /usr/lib/nginx/modules/ngx_nchan_module.so ]; then
  set -- --nchan "bench/peers/nchan.sh {port} {dir}" "$@"
else
  echo "without Nchan: not installed (Debian: libnginx-mod-nchan)" >&2
fi
if cc -O2 -o bench/target/floor bench/peers/floor.c 2>/dev/null; then
  set -- --floor "bench/target/floor {port}" "$@"
else
  echo "without the C floor: no compiler" >&2
fi
exec java ${JAVA_OPTS--XX:+UseSerialGC} -cp 'bench/target/classes:bench/target/lib/*' io.posthaste.bench.Comparison "$@"
