package elt;

import java.io.IOException;
import java.util.Arrays;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Local files without what Hadoop does beside: it starts a process ({@code chmod}) for each file it
 * makes and another ({@code ls}) for each that it lists, and writes a second file with checksums.
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

    @Override
    public FileStatus[] listStatus(Path folder) throws IOException {
      return Arrays.stream(super.listStatus(folder)).map(WithoutPermissions::plain).toArray(FileStatus[]::new);
    }

    private static FileStatus plain(FileStatus file) {
      return new FileStatus(
          file.getLen(), file.isDirectory(), 1, file.getBlockSize(), file.getModificationTime(), file.getPath());
    }
  }
}
