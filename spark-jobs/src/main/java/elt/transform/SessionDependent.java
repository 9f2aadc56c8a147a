package elt.transform;

import org.apache.spark.sql.catalyst.expressions.CurrentCatalog;
import org.apache.spark.sql.catalyst.expressions.CurrentDatabase;
import org.apache.spark.sql.catalyst.expressions.CurrentDate;
import org.apache.spark.sql.catalyst.expressions.CurrentTimeZone;
import org.apache.spark.sql.catalyst.expressions.CurrentTimestampLike;
import org.apache.spark.sql.catalyst.expressions.CurrentUser;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.LocalTimestamp;
import org.apache.spark.sql.catalyst.expressions.SparkVersion;

/**
 * Expressions that Spark calls deterministic because they are constant within one query, although
 * they differ between two runs.
 */
final class SessionDependent {
  private SessionDependent() {}

  static boolean is(Expression expression) {
    return expression instanceof CurrentTimestampLike
        || expression instanceof LocalTimestamp
        || expression instanceof CurrentDate
        || expression instanceof CurrentTimeZone
        || expression instanceof CurrentUser
        || expression instanceof CurrentCatalog
        || expression instanceof CurrentDatabase
        || expression instanceof SparkVersion;
  }
}
