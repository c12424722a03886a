// SPDX-License-Identifier: MIT

import CChatSystem
import Glibc

/// What processes and the machine have used so far.
enum SystemProbe {
    struct Usage {
        /// User and system time of all threads, in seconds.
        var cpuSeconds = 0.0
        var residentKB = 0
        var peakKB = 0
    }

    static func now() -> UInt64 {
        UInt64(chat_monotonic_nanoseconds())
    }

    static func usage(of processes: [Int32]) -> Usage {
        var usage = Usage()
        for process in processes {
            usage.cpuSeconds += cpuSeconds(of: process)
            let status = read("/proc/\(process)/status")
            usage.residentKB += number(after: "VmRSS:", in: status)
            usage.peakKB += number(after: "VmHWM:", in: status)
        }
        return usage
    }

    static func isRunning(_ process: Int32) -> Bool { access("/proc/\(process)/status", R_OK) == 0 }

    /// This process's own CPU time in seconds.
    static func ownCPUSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Time that the hypervisor gave to others while this machine wanted it, in seconds of all cores.
    static func stolenSeconds() -> Double {
        let fields = read("/proc/stat").prefix { $0 != "\n" }.split(separator: " ")
        guard fields.count > 8, let ticks = Double(fields[8]) else { return 0 }
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Memory of all TCP buffers of this machine.
    static func kernelTCPKB() -> Int {
        let pages = read("/proc/net/sockstat").split(separator: "\n").first { $0.hasPrefix("TCP:") }
        return number(after: " mem ", in: String(pages ?? "")) * sysconf(Int32(_SC_PAGESIZE))
            / 1_024
    }

    /// As many descriptors as this process may have.
    static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    // The process's clock is the sum of utime and stime in /proc/PID/stat, in nanoseconds instead of ticks of
    // 10 ms, of which a thousand connects take only two.
    private static func cpuSeconds(of process: Int32) -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else {
            return 0
        }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func number(after label: String, in text: String) -> Int {
        guard let label = text.firstRange(of: label) else { return 0 }
        let digits = text[label.upperBound...].drop { !$0.isNumber }.prefix { $0.isNumber }
        return Int(digits) ?? 0
    }

    private static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        return String(unsafeUninitializedCapacity: 16_384) { bytes in
            max(0, Glibc.read(descriptor, bytes.baseAddress, bytes.count))
        }
    }
}
