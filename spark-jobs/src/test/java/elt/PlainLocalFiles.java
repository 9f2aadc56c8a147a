package elt;

import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Local files without what Hadoop does beside: it starts a process ({@code chmod}) for each file it
 * makes, and writes a second file with checksums.
 */
public final class PlainLocalFiles extends LocalFileSystem {
  /** Called by Hadoop, by its class's name in {@code fs.file.impl}. */
  public PlainLocalFiles() {
    super(new WithoutPermissions());
    setWriteChecksum(false);
  }

  private static final class WithoutPermissions extends RawLocalFileSystem {
    @Override
    public void setPermission(Path path, FsPermission permission) {
      // The process's own umask will do.
    }
  }
}
