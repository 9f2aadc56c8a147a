package elt.transform;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;

/**
 * The real catalog, under which the process dies at the n-th commit to one table: just before the commit
 * reaches the catalog, or just after it was made and before the caller hears of it.
 */
final class KillingCatalog {
  enum Moment {
    BEFORE,
    AFTER
  }

  /** Not an exception: nothing of ours may catch it and go on, as nothing goes on after SIGKILL. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  private KillingCatalog() {}

  static Catalog of(Catalog catalog, String table, int commit, Moment moment) {
    AtomicInteger commits = new AtomicInteger();
    return proxy(
        catalog,
        new Class<?>[] {Catalog.class, SupportsNamespaces.class},
        (result, method, arguments) ->
            method.equals("loadTable") && arguments[0].equals(TableIdentifier.parse(table))
                ? mortal((Table) result, commits, commit, moment)
                : result,
        (method, arguments) -> {});
  }

  private static Table mortal(Table table, AtomicInteger commits, int commit, Moment moment) {
    TableOperations operations =
        proxy(
            ((HasTableOperations) table).operations(),
            new Class<?>[] {TableOperations.class},
            (result, method, arguments) -> {
              if (method.equals("commit") && moment == Moment.AFTER && commits.incrementAndGet() == commit) {
                throw new Killed();
              }
              return result;
            },
            (method, arguments) -> {
              if (method.equals("commit") && moment == Moment.BEFORE && commits.incrementAndGet() == commit) {
                throw new Killed();
              }
            });
    return new BaseTable(operations, table.name());
  }

  private interface Before {
    void call(String method, Object[] arguments);
  }

  private interface After {
    Object call(Object result, String method, Object[] arguments);
  }

  @SuppressWarnings("unchecked")
  private static <T> T proxy(T target, Class<?>[] types, After after, Before before) {
    InvocationHandler handler =
        (self, method, arguments) -> {
          before.call(method.getName(), arguments);
          try {
            return after.call(method.invoke(target, arguments), method.getName(), arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (T) Proxy.newProxyInstance(KillingCatalog.class.getClassLoader(), types, handler);
  }
}
