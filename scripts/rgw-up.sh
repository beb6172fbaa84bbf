#!/usr/bin/env bash
# Starts a real S3 server on loopback for the tests: Ceph RGW on one monitor and one OSD, from Debian packages:
#   apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common
# It needs no root and about 250 MB of memory, and is up in a few seconds. Stop it with scripts/rgw-down.sh.
# It makes two users and no bucket: buckets are made by the tests.
#
# Environment:
#   RGW_DIR         where everything lies; it is replaced (default ${TMPDIR:-/tmp}/kgsync-rgw)
#   RGW_PORT        S3 endpoint, 127.0.0.1 only (default 7480)
#   RGW_MON_PORT    monitor (default 6789)
#   RGW_STORE       memstore (default) or bluestore (on disk)
#   RGW_STORE_BYTES size of the store (default 4 GiB)
#   RGW_ACCESS_KEY, RGW_SECRET_KEY  first user's keys; the second's have a 2 appended
#
# Output: $RGW_DIR/env, a file to source, with KGSYNC_TEST_S3_ENDPOINT and the AWS variables.
set -euo pipefail

dir=${RGW_DIR:-${TMPDIR:-/tmp}/kgsync-rgw}
port=${RGW_PORT:-7480}
mon_port=${RGW_MON_PORT:-6789}
store=${RGW_STORE:-memstore}
bytes=${RGW_STORE_BYTES:-$((4 * 1024 * 1024 * 1024))}
access_key=${RGW_ACCESS_KEY:-rgwtestkey}
secret_key=${RGW_SECRET_KEY:-rgwtestsecret}

for program in ceph-mon ceph-osd radosgw radosgw-admin monmaptool ceph curl; do
  command -v "$program" >/dev/null || { echo "rgw-up: $program is not installed" >&2; exit 1; }
done

alive() { [ -e "$dir/pids/$1" ] && kill -0 "$(cat "$dir/pids/$1")" 2>/dev/null; }

# Tries a command until it succeeds, ten times a second; $1 is the number of tries.
until_ok() {
  local tries=$1 i
  shift
  for ((i = 0; i < tries; i++)); do
    "$@" >>"$dir/log/cli" 2>&1 && return 0
    sleep 0.1
  done
  echo "rgw-up: failed: $*; see $dir/log" >&2
  return 1
}

if alive rgw; then
  echo "rgw-up: already running in $dir"
  exit 0
fi
if curl --silent --output /dev/null "http://127.0.0.1:$port/"; then
  echo "rgw-up: something else listens on port $port: set RGW_PORT" >&2
  exit 1
fi
# Only a folder that this script made is ever removed.
if [ -e "$dir" ] && [ ! -e "$dir/ceph.conf" ] && [ -n "$(ls -A "$dir")" ]; then
  echo "rgw-up: $dir exists and is not an RGW folder" >&2
  exit 1
fi
rm -rf "$dir"
mkdir -p "$dir"/{mon,osd0,rgw,log,run,pids}

# A start that fails leaves nothing running; the folder stays, for its logs.
trap 'RGW_DIR=$dir RGW_KEEP=1 "$(dirname "$0")/rgw-down.sh" >&2' ERR

cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_host = v1:127.0.0.1:$mon_port
ms_bind_ipv4 = true
ms_bind_ipv6 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
auth_supported = none
cephx_require_signatures = false
auth_allow_insecure_global_id_reclaim = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_max_pg_per_osd = 1000
mon_data_avail_crit = 1
mon_data_avail_warn = 2
# The default proposal interval makes the start take 16 s instead of 3.
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
# On a busy machine the only OSD must not stall on read leases, nor be marked down.
osd_heartbeat_grace = 3600
osd_heartbeat_interval = 30
mon_osd_report_timeout = 86400
mon_osd_min_down_reporters = 2
mon_lease = 60
mon_lease_renew_interval_factor = 0.3
mon_election_timeout = 60
run_dir = $dir/run
crash_dir = $dir/run
admin_socket = $dir/run/\$cluster-\$name.asok
pid_file = $dir/pids/\$name.ceph
log_file = $dir/log/\$name.log
mon_cluster_log_file = $dir/log/cluster.log
log_to_stderr = false
debug_ms = 0
[mon]
mon_data = $dir/mon
mon_cluster_log_to_syslog = false
[osd]
osd_class_update_on_start = false
osd_crush_update_on_start = false
osd_data = $dir/osd0
osd_objectstore = $store
memstore_device_bytes = $bytes
bluestore_block_size = $bytes
bluestore_block_create = true
bluestore_block_db_create = false
bluestore_block_wal_create = false
bluestore_cache_autotune = false
bluestore_cache_size = 268435456
osd_memory_target = 939524096
osd_op_num_shards = 2
osd_op_num_threads_per_shard = 1
osd_class_load_list = *
osd_class_default_list = *
[client.rgw]
rgw_data = $dir/rgw
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw_thread_pool_size = 64
rgw_enable_apis = s3, admin
rgw_enable_usage_log = false
rgw_enable_quota_threads = false
rgw_nfs_run_gc_threads = false
rgw_run_sync_thread = false
rgw_override_bucket_index_max_shards = 1
rgw_dynamic_resharding = false
rgw_rados_pool_pg_num_min = 1
CONF
export CEPH_CONF=$dir/ceph.conf

# Starts a daemon in its own session and notes its pid under $1.
daemon() {
  local name=$1
  shift
  setsid "$@" -f >>"$dir/log/$name.out" 2>&1 </dev/null &
  echo $! >"$dir/pids/$name"
}
start_osd() { daemon osd ceph-osd -c "$CEPH_CONF" -i 0; }
# The OSD can lose a race at start ("wrong fsid"); the second start succeeds.
osd_is_up() {
  alive osd || start_osd
  ceph osd stat | grep -q '1 up'
}
make_user() {
  radosgw-admin -c "$CEPH_CONF" -n client.rgw user create --uid="$1" --display-name="$1" \
    --access-key="$2" --secret-key="$3"
}

fsid=$(sed -n 's/^fsid = //p' "$CEPH_CONF")
monmaptool --create --clobber --fsid "$fsid" --addv a "[v1:127.0.0.1:$mon_port]" "$dir/monmap" >"$dir/log/monmap"
ceph-mon -c "$CEPH_CONF" -i a --mkfs --monmap "$dir/monmap" 2>"$dir/log/mon.mkfs"
daemon mon ceph-mon -c "$CEPH_CONF" -i a
until_ok 100 timeout 5 ceph --connect-timeout 3 quorum_status

osd_uuid=$(cat /proc/sys/kernel/random/uuid)
until_ok 60 ceph osd new "$osd_uuid"
ceph-osd -c "$CEPH_CONF" -i 0 --mkfs --osd-uuid "$osd_uuid" >"$dir/log/osd.mkfs" 2>&1
until_ok 60 ceph osd crush add osd.0 1.0 root=default host=localhost
start_osd
until_ok 300 osd_is_up

daemon rgw radosgw -c "$CEPH_CONF" -n client.rgw
until_ok 600 curl --silent --output /dev/null "http://127.0.0.1:$port/"
until_ok 60 make_user kgsync "$access_key" "$secret_key"
until_ok 60 make_user other "${access_key}2" "${secret_key}2"

cat >"$dir/env" <<ENV
export KGSYNC_TEST_S3_ENDPOINT=http://127.0.0.1:$port
export AWS_REGION=us-east-1
export AWS_ACCESS_KEY_ID=$access_key
export AWS_SECRET_ACCESS_KEY=$secret_key
ENV
echo "rgw-up: http://127.0.0.1:$port is up; source $dir/env"
