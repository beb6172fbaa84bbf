#!/usr/bin/env bash
# One monitor, one in-memory OSD and a gateway on port 8333, then the bucket: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, S3_BUCKET
# as in SeaweedFS's `mini`. Nothing outlives the container. /healthz is a public bucket that is made last: it answers when
# everything else does.
set -euo pipefail

: "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}" "${S3_BUCKET:?}"
dir=/run/rgw
url=http://127.0.0.1:8333
rm -rf "$dir"
mkdir -p "$dir"/{mon,osd,rgw,log,run}
fsid=$(cat /proc/sys/kernel/random/uuid)
cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $fsid
mon_host = v1:127.0.0.1:6789
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
mon_max_pg_per_osd = 1000
mon_data_avail_warn = 2
mon_data_avail_crit = 1
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
# a starved single OSD must not be marked down, nor stall on leases
osd_heartbeat_grace = 3600
osd_heartbeat_interval = 30
mon_osd_report_timeout = 86400
mon_lease = 60
mon_lease_renew_interval_factor = 0.3
mon_election_timeout = 60
run_dir = $dir/run
admin_socket = $dir/run/\$cluster-\$name.asok
pid_file = $dir/run/\$name.pid
crash_dir = $dir/run
log_file = $dir/log/\$name.log
mon_cluster_log_file = $dir/log/cluster.log
log_to_stderr = false
[mon]
mon_data = $dir/mon
[osd]
osd_data = $dir/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_class_update_on_start = false
osd_crush_update_on_start = false
osd_op_num_shards = 2
osd_op_num_threads_per_shard = 1
osd_class_load_list = *
osd_class_default_list = *
[client.rgw]
rgw_data = $dir/rgw
rgw_frontends = beast endpoint=0.0.0.0:8333 tcp_nodelay=1
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
export CEPH_CONF=$dir/ceph.conf CEPH_ARGS="-c $dir/ceph.conf"

until_ok() { # seconds, command
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>>"$dir/log/cli"; do
    [ "$SECONDS" -lt "$end" ] || { tail -n 5 "$dir/log/cli" >&2; echo "s3 stand-in: gave up on: $*" >&2; exit 1; }
    sleep 0.1
  done
}
osd_up() {
  kill -0 "$osd" 2>/dev/null || start_osd # it can lose a race at start ("wrong fsid"); a second start succeeds
  ceph osd stat | grep -q '1 up'
}
start_osd() {
  ceph-osd -i 0 -f &
  osd=$!
}
empty=$(printf '' | sha256sum | cut -d' ' -f1) # curl 7.88 signs the body's digest but does not send it
put_bucket() { # name, further curl options
  curl -fsS --aws-sigv4 aws:amz:us-east-1:s3 --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
    -H "x-amz-content-sha256: $empty" -X PUT "${@:2}" "$url/$1"
}

monmaptool --create --clobber --fsid "$fsid" --addv a '[v1:127.0.0.1:6789]' "$dir/monmap" >/dev/null
ceph-mon -i a --mkfs --monmap "$dir/monmap" 2>>"$dir/log/cli"
ceph-mon -i a -f &
until_ok 60 timeout 5 ceph --connect-timeout 3 quorum_status
uuid=$(cat /proc/sys/kernel/random/uuid)
until_ok 60 ceph osd new "$uuid"
ceph-osd -i 0 --mkfs --osd-uuid "$uuid" >>"$dir/log/cli" 2>&1
until_ok 60 ceph osd crush add osd.0 1.0 root=default host=localhost
start_osd
until_ok 60 osd_up
radosgw -n client.rgw -f &
until_ok 120 curl -s -o /dev/null "$url/"
until_ok 60 radosgw-admin -n client.rgw user create --uid=app --display-name=app \
  --access-key="$AWS_ACCESS_KEY_ID" --secret-key="$AWS_SECRET_ACCESS_KEY"
until_ok 60 put_bucket "$S3_BUCKET"
until_ok 60 put_bucket healthz -H 'x-amz-acl: public-read'
echo "s3 stand-in: bucket $S3_BUCKET is served on port 8333 after $SECONDS s"
wait -n # one of the three ended: so does the container, and the exit code says that it should not have
exit 1
