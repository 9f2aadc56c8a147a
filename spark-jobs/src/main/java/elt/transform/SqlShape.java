package elt.transform;

import elt.driver.DriverException;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.ParsedStatement;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;

/** Whether a statement is one deterministic projection over the view {@code raw}, and if not, why. */
final class SqlShape {
  private static final String ALLOWED =
      " Allowed is SELECT expressions FROM raw: one row out for each row in, the same whenever it is run."
          + " To keep a row out of the table, give it a reject_reason.";

  /** Plan nodes by the SQL that makes them; the others are called by their own name. */
  private static final Map<String, String> SQL_OF_NODE =
      Map.ofEntries(
          Map.entry("Filter", "WHERE"),
          Map.entry("UnresolvedHaving", "HAVING"),
          Map.entry("Join", "a join"),
          Map.entry("LateralJoin", "a lateral join"),
          Map.entry("Generate", "LATERAL VIEW or a generator such as explode"),
          Map.entry("Aggregate", "GROUP BY or an aggregate function"),
          Map.entry("Window", "a window function"),
          Map.entry("WithWindowDefinition", "WINDOW"),
          Map.entry("GlobalLimit", "LIMIT"),
          Map.entry("LocalLimit", "LIMIT"),
          Map.entry("Offset", "OFFSET"),
          Map.entry("Sort", "ORDER BY or SORT BY"),
          Map.entry("RepartitionByExpression", "DISTRIBUTE BY or CLUSTER BY"),
          Map.entry("Distinct", "DISTINCT"),
          Map.entry("Union", "UNION"),
          Map.entry("Except", "EXCEPT"),
          Map.entry("Intersect", "INTERSECT"),
          Map.entry("UnresolvedWith", "WITH"),
          Map.entry("Sample", "TABLESAMPLE"),
          Map.entry("Pivot", "PIVOT"),
          Map.entry("Unpivot", "UNPIVOT"),
          Map.entry("UnresolvedHint", "a hint"),
          Map.entry("RelationTimeTravel", "VERSION or TIMESTAMP AS OF"),
          Map.entry("UnresolvedSubqueryColumnAliases", "column aliases in FROM"),
          Map.entry("UnresolvedTableValuedFunction", "a table-valued function in FROM"),
          Map.entry("UnresolvedInlineTable", "VALUES"),
          Map.entry("OneRowRelation", "no FROM"),
          Map.entry("ScriptTransformation", "TRANSFORM"),
          Map.entry("Project", "a subquery in FROM"));

  private SqlShape() {}

  /**
   * The parsed statement's one projection.
   *
   * @throws DriverException {@code sql-not-a-projection}
   */
  static Project projection(LogicalPlan parsed) {
    if (parsed instanceof Command || parsed instanceof ParsedStatement) {
      throw refused("is a statement (%s), not a SELECT.".formatted(parsed.nodeName()));
    }
    if (parsed instanceof UnresolvedRelation) {
      throw refused("is a bare table, not a SELECT.");
    }
    if (!(parsed instanceof Project projection)) {
      throw refusedNode(parsed);
    }
    LogicalPlan from = withoutAliases(projection.child());
    if (!(from instanceof UnresolvedRelation relation)) {
      throw refusedNode(from);
    }
    if (!relation.tableName().equalsIgnoreCase(PipelineSql.VIEW)) {
      throw refused("reads the table %s; it may read nothing but the view raw.".formatted(relation.tableName()));
    }
    return projection;
  }

  /**
   * Checks what analysis made of it: aggregates, windows and generators show only now. Aliases used in
   * the same SELECT list make a projection over a projection, which is as good as one.
   *
   * @throws DriverException {@code sql-not-a-projection}
   */
  static void expectProjectionOver(LogicalPlan raw, LogicalPlan analysed) {
    LogicalPlan plan = analysed;
    while (plan instanceof Project projection) {
      Scala.list(projection.projectList()).forEach(SqlShape::expectDeterministic);
      plan = projection.child();
    }
    plan = withoutAliases(plan);
    if (plan != raw) {
      throw refusedNode(plan);
    }
  }

  private static void expectDeterministic(NamedExpression column) {
    expectDeterministic((Expression) column, column.name());
  }

  private static void expectDeterministic(Expression expression, String column) {
    if (expression instanceof PlanExpression<?>) {
      throw refused("has a subquery in column %s.".formatted(column));
    }
    for (Expression part : Scala.list(expression.children())) {
      expectDeterministic(part, column);
    }
    if (expression instanceof RuntimeReplaceable replaced) {
      expectDeterministic(replaced.replacement(), column);
    }
    if (!expression.deterministic() || SessionDependent.is(expression)) {
      throw refused(
          "is not deterministic: column %s uses %s, which may give another value when the same rows are read again."
              .formatted(column, expression.prettyName()));
    }
  }

  private static LogicalPlan withoutAliases(LogicalPlan plan) {
    LogicalPlan inner = plan;
    while (inner instanceof SubqueryAlias alias) {
      inner = alias.child();
    }
    return inner;
  }

  private static DriverException refusedNode(LogicalPlan node) {
    String sql = Optional.ofNullable(SQL_OF_NODE.get(node.nodeName())).orElse(node.nodeName());
    return refused("has %s.".formatted(sql));
  }

  private static DriverException refused(String what) {
    return new DriverException("sql-not-a-projection", "The pipeline's SQL " + what + ALLOWED);
  }
}
