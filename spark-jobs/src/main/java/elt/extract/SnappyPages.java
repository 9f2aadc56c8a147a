package elt.extract;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.iceberg.shaded.org.apache.parquet.bytes.BytesInput;
import org.apache.iceberg.shaded.org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/**
 * Compresses pages from one array into another. The same library compresses in Parquet's own codec, which goes through streams and
 * direct buffers. What it returns is valid until the next page.
 */
final class SnappyPages implements BytesInputCompressor {
  private final Page page = new Page();
  private byte[] compressed = new byte[0];

  @Override
  public BytesInput compress(BytesInput bytes) throws IOException {
    page.reset();
    bytes.writeAllTo(page);
    int most = Snappy.maxCompressedLength(page.size());
    if (compressed.length < most) {
      compressed = new byte[most];
    }
    return BytesInput.from(compressed, 0, Snappy.compress(page.array(), 0, page.size(), compressed, 0));
  }

  @Override
  public CompressionCodecName getCodecName() {
    return CompressionCodecName.SNAPPY;
  }

  @Override
  public void release() {
    // Two arrays: nothing that the collector does not see.
  }

  private static final class Page extends ByteArrayOutputStream {
    byte[] array() {
      return buf;
    }
  }
}
