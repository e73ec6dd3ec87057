//! What this process costs, from `/proc`: CPU seconds and memory, for a first figure per live call.

/// CPU time used so far by all threads, seconds (user and system).
#[must_use]
pub fn cpu_seconds() -> f64 {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else {
        return 0.0;
    };
    // The second field is the program's name in brackets and may hold blanks.
    let Some((_, rest)) = stat.rsplit_once(')') else {
        return 0.0;
    };
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |i: usize| {
        fields
            .get(i)
            .and_then(|f| f.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    // SAFETY: sysconf reads a constant of the system.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as f64;
    (ticks(11) + ticks(12)) / per_second
}

/// Resident memory now, MiB.
#[must_use]
pub fn resident_mib() -> f64 {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        return 0.0;
    };
    status
        .lines()
        .find_map(|l| {
            l.strip_prefix("VmRSS:")?
                .trim()
                .strip_suffix("kB")?
                .trim()
                .parse::<f64>()
                .ok()
        })
        .map_or(0.0, |kib| kib / 1024.0)
}

/// Ends this process quietly when nobody reads what it prints, as other command line programs do.
pub fn end_with_the_pipe() {
    // SAFETY: sets the default action of a signal, before other threads print.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
    }
}
