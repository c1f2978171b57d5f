# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash

# serve_nfs DIRECTORY: exports it to this machine until the test ends.
serve_nfs() {
	rpcbind -w
	on_exit pkill rpcbind
	modprobe nfsd
	mount -t nfsd nfsd /proc/fs/nfsd
	on_exit umount /proc/fs/nfsd
	exportfs -o rw,no_root_squash,insecure,fsid=1 "127.0.0.1:$1"
	on_exit exportfs -ua
	rpc.mountd
	on_exit pkill rpc.mountd
	rpc.nfsd 2
	on_exit rpc.nfsd 0
}
