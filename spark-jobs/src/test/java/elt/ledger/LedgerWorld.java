package elt.ledger;

import static elt.ledger.LedgerModel.check;

import elt.ledger.CommitOutcome.Committed;
import elt.ledger.CommitOutcome.Discarded;
import elt.ledger.CommitOutcome.Fenced;
import elt.ledger.FaultyOperations.Fault;
import elt.ledger.FaultyOperations.InFlight;
import elt.ledger.FaultyOperations.Killed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;

/** One random history of one table: several writers, people and maintenance, faults, and the model beside them. */
final class LedgerWorld implements FaultyOperations.World {
  private static final int WRITERS = 3;

  /** A process that writes, as far as it knows. */
  private static final class Process {
    private String runId;
    private FaultyOperations operations;
    private LedgeredAppend append;
    private LedgerEntry expected;
  }

  private final Random random;
  private final TestLakehouse lakehouse;
  private final LedgerModel model = new LedgerModel();
  private final List<Process> processes = new ArrayList<>();
  private final List<InFlight> inFlight = new ArrayList<>();
  private final List<String> story = new ArrayList<>();
  private final Surroundings others;
  private int names;
  private Process busy;
  private boolean isMeanwhile;

  LedgerWorld(TestLakehouse lakehouse, long seed) {
    this.lakehouse = lakehouse;
    random = new Random(seed);
    others = new Surroundings(lakehouse, model, random, story);
    lakehouse.table();
    for (int i = 0; i < WRITERS; i++) {
      processes.add(start());
    }
  }

  /** What has happened so far, for a person who repeats a failure. */
  List<String> story() {
    return story;
  }

  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
      landSome();
      checkLedger();
      if (i % 4 == 3) {
        checkRows();
      }
    }
    inFlight.forEach(this::land);
    checkLedger();
    checkRows();
  }

  private void step() {
    int dice = random.nextInt(100);
    if (dice < 45) {
      commit(anyone());
    } else if (dice < 58) {
      claim(anyone());
    } else if (dice < 64) {
      restart();
    } else if (dice < 72) {
      others.foreignAppend();
    } else if (dice < 76) {
      others.foreignDelete();
    } else if (dice < 83) {
      others.compact();
    } else if (dice < 90) {
      others.expire();
    } else if (dice < 95) {
      others.rollTo();
    } else if (dice < 96) {
      others.replaceTable();
    } else {
      recover();
    }
  }

  // ---- writers

  private Process start() {
    Process process = new Process();
    process.runId = "run-" + names++;
    process.operations = new FaultyOperations(connect(), this, inFlight::add);
    process.append =
        new LedgeredAppend(new BaseTable(process.operations, lakehouse.name.toString()), TestLakehouse.writer(process.runId));
    return process;
  }

  private Process anyone() {
    return processes.get(random.nextInt(WRITERS));
  }

  private void restart() {
    int i = random.nextInt(WRITERS);
    story.add("restart " + processes.get(i).runId);
    processes.set(i, start());
  }

  private Fault fault() {
    Fault[] faults = Fault.values();
    return random.nextInt(3) == 0 ? faults[random.nextInt(faults.length)] : Fault.NONE;
  }

  private void claim(Process process) {
    Fault fault = fault();
    process.operations.breakNext(fault);
    story.add("claim " + process.runId + " " + fault);
    guarded(
        process,
        () -> {
          process.expected = process.append.claim();
          check(process.expected.commitId().equals(model.now().commitId()), "the claim is not the newest commit");
        });
  }

  private void commit(Process process) {
    if (process.expected == null) {
      claim(process);
      return;
    }
    Batch batch = TestLakehouse.batch(process.expected, random.nextInt(4));
    batch.files().forEach(file -> others.wrote(file, batch.commitId()));
    long start = LedgerModel.offset(process.expected.position());
    model.intends(
        batch.commitId(), new LedgerModel.Intent(process.runId, start, batch.rows(), !batch.files().isEmpty()));
    Fault fault = fault();
    process.operations.breakNext(fault);
    story.add("commit " + process.runId + " " + start + "+" + batch.rows() + " " + fault + " " + batch.commitId());
    guarded(process, () -> judge(process, batch, process.append.commit(process.expected, batch)));
  }

  private void judge(Process process, Batch batch, CommitOutcome outcome) {
    story.add("  " + outcome.getClass().getSimpleName());
    if (outcome instanceof Committed committed) {
      check(model.isApplied(batch.commitId()), "called committed, but was not");
      process.expected = committed.entry();
    } else if (outcome instanceof Discarded discarded) {
      model.refused(batch.commitId());
      check(discarded.newest().commitId().equals(model.now().commitId()), "discarded at a commit that is not the newest");
      process.expected = discarded.newest();
    } else if (outcome instanceof Fenced fenced) {
      model.refused(batch.commitId());
      check(
          !process.runId.equals(model.now().claim())
              || LedgerModel.offset(process.expected.position()) != model.now().offset()
              || !Objects.equals(process.expected.ingestedAt(), model.now().clock()),
          "fenced although the table was its own at " + fenced.newest());
    }
  }

  /** A ledger operation stops if and only if the model says that the ledger is broken. */
  private void guarded(Process process, Runnable action) {
    busy = isMeanwhile ? busy : process;
    try {
      action.run();
    } catch (LedgerException stop) {
      story.add("  " + stop.code());
      check(model.stops().contains(stop.code()), "stopped by " + stop.getMessage() + ", expected " + model.stops());
    } catch (Killed killed) {
      story.add("  killed");
      processes.replaceAll(each -> each == process ? start() : each);
    }
  }

  private void recover() {
    if (model.stops().isEmpty()) {
      return;
    }
    Process process = anyone();
    Table table = lakehouse.load();
    Snapshot current = table.currentSnapshot();
    // As a recomputation from rows would: never behind what is there.
    Position position =
        model.now().offset() == 0 ? Position.EMPTY : Position.EMPTY.startGeneration("topic-a", Map.of(0, model.now().offset()));
    Fault fault = fault();
    process.operations.breakNext(fault);
    story.add("recover " + process.runId + " " + fault);
    guarded(
        process,
        () -> process.append
            .recover(current == null ? null : current.snapshotId(), position, model.now().clock())
            .ifPresent(entry -> process.expected = entry));
  }

  // ---- the network

  @Override
  public void between() {
    landSome();
    if (!isMeanwhile && random.nextInt(4) == 0) {
      isMeanwhile = true;
      story.add("  meanwhile:");
      switch (random.nextInt(6)) {
        case 0 -> processes.stream().filter(each -> each != busy).findAny().ifPresent(this::claim);
        case 1 -> others.compact();
        case 2 -> others.expire();
        case 3 -> others.rollTo();
        default -> others.foreignAppend();
      }
      story.add("  and then:");
      isMeanwhile = false;
    }
  }

  @Override
  public TableOperations connect() {
    return ((HasTableOperations) lakehouse.load()).operations();
  }

  @Override
  public void swapped(TableMetadata metadata) {
    Snapshot snapshot = metadata.currentSnapshot();
    model.ledgerCommit(
        snapshot.snapshotId(),
        LedgerCodec.entry(snapshot.snapshotId(), snapshot.summary()),
        snapshot.summary().containsKey(LedgerKeys.RECOVERED_FROM));
  }

  private void landSome() {
    while (!inFlight.isEmpty() && random.nextInt(3) == 0) {
      land(inFlight.remove(random.nextInt(inFlight.size())));
    }
  }

  private void land(InFlight request) {
    try {
      request.operations().commit(request.base(), request.metadata());
      story.add("  a late request arrived");
      swapped(request.metadata());
    } catch (CommitFailedException refused) {
      // As it should be when the table has moved on.
    }
  }

  // ---- what must hold

  private void checkLedger() {
    try {
      Optional<LedgerEntry> newest = Ledger.of(lakehouse.load()).newest();
      check(model.stops().isEmpty(), "the ledger is trusted although " + model.stops());
      check(newest.isPresent() == (model.now().commitId() != null), "newest entry " + newest);
      newest.ifPresent(this::checkNewest);
    } catch (LedgerException stop) {
      check(model.stops().contains(stop.code()), "stopped by " + stop.getMessage() + ", expected " + model.stops());
    }
  }

  private void checkNewest(LedgerEntry newest) {
    LedgerModel.State now = model.now();
    check(newest.commitId().equals(now.commitId()), "newest commit " + newest + ", expected " + now);
    check(newest.writer().claim().equals(now.claim()), "claim " + newest + ", expected " + now);
    check(LedgerModel.offset(newest.position()) == now.offset(), "position " + newest + ", expected " + now);
    check(Objects.equals(newest.ingestedAt(), now.clock()), "clock " + newest + ", expected " + now);
  }

  private void checkRows() {
    Set<String> actual = new HashSet<>();
    for (String file : TestLakehouse.files(lakehouse.load())) {
      for (String group : others.groupsOf(file)) {
        check(actual.add(group), "the rows of " + group + " are in the table twice");
      }
    }
    check(actual.equals(model.now().groups()), "rows of " + actual + ", expected " + model.now().groups());
  }
}
