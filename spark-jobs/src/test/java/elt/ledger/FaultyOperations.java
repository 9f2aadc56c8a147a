package elt.ledger;

import java.util.function.Consumer;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/** Table operations between a writer and the catalog that break in all the ways a network and a process can break. */
final class FaultyOperations implements TableOperations {
  /** What happens to the next commit. */
  enum Fault {
    NONE,
    /** It happens, the reply is lost. */
    REPLY_LOST,
    /** It does not happen, and nobody says so. */
    REQUEST_LOST,
    /** It happens later, if the catalog still takes it then. */
    REQUEST_LATE,
    /** It happens, and the repeated request is refused because of it. */
    REFUSED_BY_OWN_SUCCESS,
    /** It happens, and an exception that Iceberg does not know is thrown. */
    CUT,
    KILLED_BEFORE,
    KILLED_AFTER,
    KILLED_LATE
  }

  /** The writer's process dies: nothing after this runs in it. */
  static final class Killed extends Error {}

  /** A request on its way to the catalog. */
  record InFlight(TableOperations operations, TableMetadata base, TableMetadata metadata) {}

  /** What the surroundings do and hear of. */
  interface World {
    /** Called inside a commit, between the validation and the catalog. */
    void between();

    /** The catalog has taken this metadata. */
    void swapped(TableMetadata metadata);

    /** Operations of another connection to the same table, as of now. */
    TableOperations connect();
  }

  private final TableOperations catalog;
  private final World world;
  private final Consumer<InFlight> network;
  private Fault next = Fault.NONE;

  FaultyOperations(TableOperations catalog, World world, Consumer<InFlight> network) {
    this.catalog = catalog;
    this.world = world;
    this.network = network;
  }

  void breakNext(Fault fault) {
    next = fault;
  }

  @Override
  public void commit(TableMetadata base, TableMetadata metadata) {
    Fault fault = next;
    next = Fault.NONE;
    world.between();
    switch (fault) {
      case NONE -> swap(base, metadata);
      case REPLY_LOST -> {
        swap(base, metadata);
        throw new CommitStateUnknownException(new RuntimeException("reply lost"));
      }
      case REQUEST_LOST -> throw new CommitStateUnknownException(new RuntimeException("request lost"));
      case REQUEST_LATE -> {
        sendLate(base, metadata);
        throw new CommitStateUnknownException(new RuntimeException("request late"));
      }
      case REFUSED_BY_OWN_SUCCESS -> {
        swap(base, metadata);
        throw new CommitFailedException("metadata location has changed");
      }
      case CUT -> {
        swap(base, metadata);
        throw new IllegalStateException("cut");
      }
      case KILLED_BEFORE -> throw new Killed();
      case KILLED_AFTER -> {
        swap(base, metadata);
        throw new Killed();
      }
      case KILLED_LATE -> {
        sendLate(base, metadata);
        throw new Killed();
      }
    }
  }

  private void swap(TableMetadata base, TableMetadata metadata) {
    catalog.commit(base, metadata);
    world.swapped(metadata);
  }

  /** The catalog compares metadata locations, so a late request is the same request over another connection. */
  private void sendLate(TableMetadata base, TableMetadata metadata) {
    TableOperations connection = world.connect();
    TableMetadata seen = connection.current();
    if (!seen.metadataFileLocation().equals(base.metadataFileLocation())) {
      throw new CommitFailedException("lost the race before it was sent");
    }
    network.accept(new InFlight(connection, seen, metadata));
  }

  @Override
  public TableMetadata current() {
    return catalog.current();
  }

  @Override
  public TableMetadata refresh() {
    return catalog.refresh();
  }

  @Override
  public FileIO io() {
    return catalog.io();
  }

  @Override
  public String metadataFileLocation(String fileName) {
    return catalog.metadataFileLocation(fileName);
  }

  @Override
  public LocationProvider locationProvider() {
    return catalog.locationProvider();
  }
}
