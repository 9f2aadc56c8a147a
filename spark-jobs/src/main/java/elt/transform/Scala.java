package elt.transform;

import java.util.List;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** Lists of Java and Scala; Spark's plans speak the latter. */
final class Scala {
  private Scala() {}

  static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toList();
  }

  static <T> List<T> list(Seq<T> seq) {
    return JavaConverters.seqAsJavaList(seq);
  }
}
