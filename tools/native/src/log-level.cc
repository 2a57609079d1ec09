// TensorFlow 2.21 logs through Abseil and, used as a C library, never tells it the level that TF_CPP_MIN_LOG_LEVEL asks
// for: information lines would reach standard error from the first operation on. Said here, as the addon loads.
#if __has_include("absl/log/globals.h")
#include <cstdlib>

#include "absl/base/log_severity.h"
#include "absl/log/globals.h"

namespace absl {
ABSL_NAMESPACE_BEGIN
// Weak: a libtensorflow that does not export it still links and loads.
void SetMinLogLevel(absl::LogSeverityAtLeast severity) __attribute__((weak));
ABSL_NAMESPACE_END
}  // namespace absl

__attribute__((constructor)) static void ApplyMinLogLevel() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level != nullptr && absl::SetMinLogLevel != nullptr) {
    absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(std::atoi(level)));
  }
}
#endif
