"""The yardstick of TRANSFORM's words: a PySpark row UDF with num2words. Arguments: source table, target table, rows."""

import json
import sys
import time

from num2words import num2words
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, udf

source, target, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
spark = SparkSession.builder.appName("row-udf").getOrCreate()
french = udf(lambda number: num2words(number, lang="fr"), "string")
numbers = spark.table(source).select(col("kafka_value").cast("string").cast("bigint").alias("number"))
some = numbers.limit(rows).repartition(int(spark.conf.get("spark.cores.max", "2"))).cache()
some.count()
# The first pass starts the Python workers.
for step in range(2):
    started = time.monotonic()
    some.withColumn("words", french("number")).writeTo(target).using("iceberg").createOrReplace()
    seconds = time.monotonic() - started
print(json.dumps({"rowsPerSecond": rows / seconds}))
spark.sql(f"DROP TABLE IF EXISTS {target}")
spark.stop()
