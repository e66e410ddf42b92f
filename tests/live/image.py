# SPDX-License-Identifier: Apache-2.0
"""Writes the host as an image: root/ with what a scan reads, and MANIFEST.tsv with what a copy may lose."""
import os
import shutil
from pathlib import Path

COLUMNS = "# path\ttype\tmode\tuid\tgid\tsize\tmtime\tlink\n"


class Image:
    def __init__(self, folder, layout):
        self.root, self.manifest = Path(folder, "root"), Path(folder, "MANIFEST.tsv")
        self.layout = layout
        self._seen, self._rows = {}, []

    def write(self):
        for top in self.layout.exported:
            if os.path.lexists(f"/{top}"):
                self._parents(top)
                self._take(f"/{top}")
        self.manifest.write_text(COLUMNS + "".join(sorted(self._rows)))

    def _parents(self, top):
        for parent in reversed(Path(top).parents[:-1]):
            (self.root / parent).mkdir(parents=True, exist_ok=True)

    def _left_out(self, path):
        """Mailboxes and Exim's hints are no evidence."""
        parts = path.split("/")
        spool = self.layout.spool
        return (parts[1] == "home" and len(parts) == 4 and parts[3] == self.layout.mail_folder
                or os.path.dirname(path) == spool and os.path.basename(path) not in ("input", "msglog"))

    def _take(self, path):
        if self._left_out(path):
            return
        state, target = os.lstat(path), str(self.root) + path
        size, link = 0, ""
        if os.path.islink(path):
            kind, link = "l", os.readlink(path)
            os.symlink(link, target)
        elif os.path.isdir(path):
            kind = "d"
            os.makedirs(target, exist_ok=True)
            for name in sorted(os.listdir(path)):
                self._take(f"{path}/{name}")
        elif os.path.isfile(path):
            kind = "f"
            size = self._copy(path, target, state)
        else:
            return
        if kind != "l":
            os.utime(target, (state.st_mtime, state.st_mtime))
        mode = 0o777 if kind == "l" else state.st_mode & 0o7777
        cells = path, kind, f"{mode:04o}", state.st_uid, state.st_gid, size, int(state.st_mtime), link
        self._rows.append("\t".join(map(str, cells)) + "\n")

    def _copy(self, path, target, state):
        known = self._seen.setdefault((state.st_dev, state.st_ino), target)
        if known != target:
            os.link(known, target)
            return -1
        shutil.copyfile(path, target)
        os.chmod(target, 0o644 | state.st_mode & 0o111)
        return state.st_size
