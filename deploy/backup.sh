#!/bin/sh
# One backup, and the removal of those that are older than BACKUP_KEEP_DAYS. See docs/deploy.md.
#
# Nothing is removed unless the new backup is whole: a full disk or a missing sound leaves the old
# ones where they are. What was redacted stays in the backups made before: keep them no longer than
# the city's rules allow, and make a new one after each redaction.
set -eu

verbatim=${BACKUP_COMMAND:-verbatim}
folder=${BACKUP_DIR:-/var/backups/verbatim}
days=${BACKUP_KEEP_DAYS:-30}

umask 027
"$verbatim" backup "$folder/verbatim-$(date -u +%Y%m%dT%H%M%SZ).tar"
find "$folder" -maxdepth 1 -type f -name 'verbatim-*.tar' -mtime "+$days" -delete
# Their sums, which stand beside those that were read back.
find "$folder" -maxdepth 1 -type f -name 'verbatim-*.tar.sha256' -mtime "+$days" -delete
# Left by a backup that was killed, by the power for instance.
find "$folder" -maxdepth 1 -type f -name 'verbatim-*.tar.inachevée' -mtime +1 -delete
