package elt.words;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** Another implementation of French words in a process of its own: numbers in, words out, a line each. */
record Oracle(String name, List<String> command, Map<String, String> environment) {
  private static final String NUM2WORDS = "0.5.14";

  /** npm n2words, found in the repository's node_modules. */
  static Oracle n2words(String... arguments) {
    List<String> command = new java.util.ArrayList<>(List.of("node", script("n2words-oracle.mjs")));
    command.addAll(List.of(arguments));
    return new Oracle("n2words " + String.join(" ", arguments), command, Map.of());
  }

  /** PyPI num2words, installed once into the cache folder outside the repository. */
  static Oracle num2words() throws IOException, InterruptedException {
    return new Oracle(
        "num2words",
        List.of("python3", script("num2words_oracle.py")),
        Map.of("PYTHONPATH", num2wordsFolder().toString()));
  }

  /** Fails at the first number for which our words, changed by {@code as}, are not the oracle's. */
  void assertAgrees(
      Supplier<LongStream> numbers, LongFunction<String> ours, UnaryOperator<String> as)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Path errors = Files.createTempFile("oracle", ".err");
    Process process = builder.redirectError(errors.toFile()).start();
    try (BufferedReader words = process.inputReader(UTF_8)) {
      CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> ask(process, numbers.get()));
      PrimitiveIterator.OfLong expected = numbers.get().iterator();
      while (expected.hasNext()) {
        long number = expected.nextLong();
        String line = words.readLine();
        if (line == null) {
          throw new AssertionError(
              "%s stopped before %d: %s".formatted(name, number, Files.readString(errors)));
        }
        String actual = as.apply(ours.apply(number));
        if (!line.equals(actual)) {
          assertEquals(line, actual, name + " on " + number);
        }
      }
      asking.join();
      assertEquals(0, process.waitFor(), () -> name + " failed, see " + errors);
      Files.delete(errors);
    } finally {
      process.destroy();
    }
  }

  private static void ask(Process process, LongStream numbers) {
    try (var in = process.outputWriter(UTF_8)) {
      for (PrimitiveIterator.OfLong i = numbers.iterator(); i.hasNext(); ) {
        in.write(Long.toString(i.nextLong()));
        in.write('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The scripts are run from the source folder, from which node finds the repository's packages. */
  private static String script(String name) {
    return Path.of("src/test/resources/words", name).toAbsolutePath().toString();
  }

  private static Path num2wordsFolder() throws IOException, InterruptedException {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path home = cache == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
    Path folder = home.resolve("elt/python/num2words-" + NUM2WORDS);
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder.getParent());
      Path unfinished = Files.createTempDirectory(folder.getParent(), "num2words");
      ProcessBuilder pip =
          new ProcessBuilder(
                  "python3", "-m", "pip", "install", "--quiet", "--no-deps", "--target",
                  unfinished.toString(), "num2words==" + NUM2WORDS)
              .inheritIO();
      pip.environment().put("PIP_ROOT_USER_ACTION", "ignore");
      assertEquals(0, pip.start().waitFor(), "pip could not install num2words " + NUM2WORDS);
      Files.move(unfinished, folder);
    }
    return folder;
  }
}
