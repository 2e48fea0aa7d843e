"""What can be wrong with files to judge, beyond what the engine says of policies and facts."""

from services.rules.engine import EngineError


class FactsFileMissing(EngineError):
    code = "facts-file-missing"
    zh = "没有文件 {path}；请核对 --facts。"
    en = "there is no file {path}; check --facts"


class FactsFileRefused(EngineError):
    code = "facts-file"
    zh = "{path} 不是可读的 Parquet 文件：{reason}"
    en = "{path} cannot be read as Parquet: {reason}"


class OutputRefused(EngineError):
    code = "output-file"
    zh = "无法写入 {path}：{reason}；请核对 --out，结果没有改动。"
    en = "{path} cannot be written: {reason}; check --out, nothing was changed there"


class PolicyMissing(EngineError):
    code = "policy-missing"
    zh = "{path} 下没有政策文件（facts/*.yaml、rules/*.yaml）；请核对 --policy。"
    en = "there are no policy files (facts/*.yaml, rules/*.yaml) under {path}; check --policy"


class SparkMissing(EngineError):
    code = "spark-missing"
    zh = "没有安装 PySpark；请先运行 make test-spark，或 pip install --require-hashes -r requirements-spark.lock。"
    en = "PySpark is not installed; run make test-spark, or pip install --require-hashes -r requirements-spark.lock"


class JavaMissing(EngineError):
    code = "java-missing"
    zh = "Spark 需要 Java {wanted} 或更高版本，这里{found_zh}；请安装 openjdk-{wanted}-jre-headless 或设置 JAVA_HOME。"
    en = "Spark needs Java {wanted} or newer, and here is {found_en}; install openjdk-{wanted}-jre-headless or set JAVA_HOME"
