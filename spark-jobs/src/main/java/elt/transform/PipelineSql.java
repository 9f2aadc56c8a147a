package elt.transform;

import elt.driver.DriverException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.QueryPlanningTracker;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias$;
import org.apache.spark.sql.types.StructType;

/**
 * The pipeline's SQL: one deterministic projection over the view {@code raw}, row in, row out.
 *
 * <p>The view exists only here: the relation named {@code raw} in the parsed statement is replaced by
 * the rows to read, so that no table or temporary view of that name can get in between.
 */
final class PipelineSql {
  /** The name of the view. */
  static final String VIEW = "raw";

  /** Prefix of the columns of RAW that {@link #over} carries beside the statement's own. */
  static final String CARRIED = "_raw_";

  private final SparkSession spark;
  private final Project parsed;
  private final SqlColumns columns;

  private PipelineSql(SparkSession spark, Project parsed, SqlColumns columns) {
    this.spark = spark;
    this.parsed = parsed;
    this.columns = columns;
  }

  /**
   * Checks the statement against RAW's columns, without reading a row.
   *
   * @throws DriverException {@code sql-invalid} when Spark cannot parse or analyse it or a column
   *     cannot be kept, {@code sql-not-a-projection} naming what else it does
   */
  static PipelineSql checked(SparkSession spark, String sql, StructType rawColumns) {
    LogicalPlan raw = spark.createDataFrame(List.<Row>of(), rawColumns).logicalPlan();
    try {
      Project parsed = SqlShape.projection(spark.sessionState().sqlParser().parsePlan(sql));
      LogicalPlan analysed =
          spark
              .sessionState()
              .analyzer()
              .executeAndCheck(bind(parsed, raw), new QueryPlanningTracker(scala.Option.empty()));
      SqlShape.expectProjectionOver(raw, analysed);
      return new PipelineSql(spark, parsed, SqlColumns.of(analysed.schema()));
    } catch (Exception e) {
      throw e instanceof DriverException refused ? refused : invalid(e);
    }
  }

  /** What the statement gives. */
  SqlColumns columns() {
    return columns;
  }

  /** The statement's columns for these rows, then the named columns of RAW, renamed by {@link #CARRIED}. */
  Dataset<Row> over(Dataset<Row> raw, List<String> carried) {
    List<NamedExpression> list = new ArrayList<>(Scala.list(parsed.projectList()));
    for (String column : carried) {
      list.add(carry(column));
    }
    Project wider = new Project(Scala.seq(list), parsed.child());
    return Dataset.ofRows(spark, bind(wider, raw.logicalPlan()));
  }

  private static NamedExpression carry(String column) {
    return new Alias(
        UnresolvedAttribute.quoted(column),
        CARRIED + column,
        NamedExpression.newExprId(),
        Scala.seq(List.of()),
        scala.Option.empty(),
        Scala.seq(List.of()));
  }

  private static LogicalPlan bind(LogicalPlan plan, LogicalPlan raw) {
    if (plan instanceof UnresolvedRelation) {
      return SubqueryAlias$.MODULE$.apply(VIEW, raw);
    }
    LogicalPlan child = bind(plan.children().apply(0), raw);
    return plan.withNewChildren(Scala.seq(List.of(child)));
  }

  private static DriverException invalid(Exception e) {
    if (e instanceof ParseException || e instanceof AnalysisException) {
      return new DriverException("sql-invalid", "The pipeline's SQL is invalid: " + e.getMessage(), e);
    }
    if (e instanceof IllegalArgumentException) {
      return new DriverException("sql-invalid", "The pipeline's SQL: " + e.getMessage(), e);
    }
    throw e instanceof RuntimeException unexpected ? unexpected : new IllegalStateException(e);
  }
}
