package elt.metastore;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.jdo.datastore.JDOConnection;
import org.apache.hadoop.hive.metastore.ObjectStore;
import org.apache.hadoop.hive.metastore.api.InvalidObjectException;
import org.apache.hadoop.hive.metastore.api.MetaException;
import org.apache.hadoop.hive.metastore.api.Table;
import org.apache.hadoop.hive.metastore.utils.StringUtils;

/**
 * The metastore's store, which replaces an Iceberg table's metadata only by a version that was made from it.
 *
 * <p>Hive Metastore 3.1.3 stores whatever location an {@code alter_table} brings. Iceberg's lock keeps writers apart only while
 * its owner sends heartbeats: a writer that is paused between its last look at the table and its request for longer than
 * that puts an old version in the place of what others have committed since. Every Iceberg writer says in {@code
 * previous_metadata_location} which version it has replaced; here the two are compared, under a lock on the row, in the transaction
 * that stores the new one. The message is the one that Hive 4 has for this (HIVE-26882), which Iceberg takes for a lost race.
 *
 * <p>Set {@code metastore.rawstore.impl} to this class. The statements are MariaDB's and MySQL's.
 */
public class ComparingStore extends ObjectStore {
  private static final String LOCATION = "metadata_location";
  private static final String PREVIOUS = "previous_metadata_location";

  /** Throws {@link MetaException} when the table's metadata is neither what the new one replaces nor the new one itself. */
  @Override
  public void alterTable(String catalog, String database, String name, Table replacement)
      throws InvalidObjectException, MetaException {
    boolean isDone = false;
    openTransaction();
    try {
      requireSuccessor(lockedLocation(catalog, database, name), replacement);
      super.alterTable(catalog, database, name, replacement);
      isDone = commitTransaction();
    } finally {
      if (!isDone) {
        rollbackTransaction();
      }
    }
  }

  private static void requireSuccessor(String current, Table replacement) throws MetaException {
    // The new location itself: a repeated request whose first answer was lost, or a change of something else.
    if (current == null || current.equals(replacement.getParameters().get(LOCATION))) {
      return;
    }
    String previous = replacement.getParameters().get(PREVIOUS);
    if (!current.equals(previous)) {
      throw new MetaException(
          "The table has been modified. The parameter value for key '" + LOCATION + "' is '" + current
              + "'. The expected value was '" + previous + "' (" + PREVIOUS + ")");
    }
  }

  /** The table's metadata location, null when it has none; locked until the transaction ends. */
  private String lockedLocation(String catalog, String database, String name) throws MetaException {
    JDOConnection connection = getPersistenceManager().getDataStoreConnection();
    try {
      Connection sql = (Connection) connection.getNativeConnection();
      String table =
          firstValue(
              sql,
              "SELECT T.TBL_ID FROM TBLS T JOIN DBS D ON D.DB_ID = T.DB_ID WHERE T.TBL_NAME = ? AND D.NAME = ? AND D.CTLG_NAME = ?",
              StringUtils.normalizeIdentifier(name),
              StringUtils.normalizeIdentifier(database),
              StringUtils.normalizeIdentifier(catalog));
      return table == null
          ? null
          : firstValue(
              sql, "SELECT PARAM_VALUE FROM TABLE_PARAMS WHERE TBL_ID = ? AND PARAM_KEY = ? FOR UPDATE", table, LOCATION);
    } catch (SQLException failure) {
      throw new MetaException("Cannot read the location of " + database + "." + name + ": " + failure.getMessage());
    } finally {
      connection.close();
    }
  }

  private static String firstValue(Connection sql, String statement, String... values) throws SQLException {
    try (PreparedStatement prepared = sql.prepareStatement(statement)) {
      for (int at = 0; at < values.length; at++) {
        prepared.setString(at + 1, values[at]);
      }
      try (ResultSet found = prepared.executeQuery()) {
        return found.next() ? found.getString(1) : null;
      }
    }
  }
}
