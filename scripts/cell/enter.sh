#!/bin/sh
# Makes the root folder of a host of the lab, goes into it, and becomes the host's keeper there, its process 1.
#
# Runs in namespaces of its own: what is mounted here goes when the last process of the host goes, however that happens.
#
# usage: enter.sh ROOT NAME TOOLS [SOURCE PLACE]…    each SOURCE is seen in the host as PLACE, read-only unless it begins with +

set -eu
root=$1
name=$2
tools=$3
shift 3

mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount --bind -o ro /usr usr
mount --bind local usr/local
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 shm dev/shm
while [ $# -gt 0 ]; do
    case $1 in
    +*) mount --bind "${1#+}" "$root/$2" ;;
    *) mount --bind -o ro "$1" "$root/$2" ;;
    esac
    shift 2
done
mount --bind -o ro "$tools" lab
hostname "$name"
pivot_root . old
cd /
umount -l /old
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root /usr/bin/python3 -B /lab/keeper.py
