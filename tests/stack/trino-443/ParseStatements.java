import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;

/** Reads statements from stdin, separated by NUL, and parses each with Trino's own parser; prints one line for each that it refuses. */
public final class ParseStatements {
  public static void main(String[] args) throws Exception {
    Class<?> parserClass = Class.forName("io.trino.sql.parser.SqlParser");
    Object parser = parserClass.getConstructor().newInstance();
    Method create = parserClass.getMethod("createStatement", String.class);
    String[] statements = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split("\0");
    int parsed = 0;
    for (String statement : statements) {
      try {
        create.invoke(parser, statement);
        parsed++;
      } catch (InvocationTargetException refused) {
        System.out.println("refused: " + refused.getCause().getMessage() + ": " + statement.replace('\n', ' '));
      }
    }
    System.out.println("parsed " + parsed);
  }
}
