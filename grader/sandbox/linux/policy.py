"""Which system calls student code may make, and why not the others: data for the seccomp filter, one stand on every call.

Newer kernels let `uprobe` and `uretprobe` past every filter; they do nothing where root has set no probe.
A number that no table names, such as a call of a newer kernel, is answered with ENOSYS; C libraries know how to do without.
EPERM reaches the student as a Python exception with a line number, where killing the process would tell nothing.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass

OWN_PID = 0xFACEB00C
"""Stands for the number of the process itself, which is known only after the fork; larger than any process number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """Calls that fail."""

    calls: frozenset[str]
    errno: int
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """What an argument has to be. All arguments that are judged are `int` to the kernel: their low 32 bits."""

    argument: int
    """Its place, from 0."""
    one_of: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    """The bits that are compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """Calls that fail unless every condition holds."""

    calls: frozenset[str]
    conditions: tuple[Condition, ...]
    errno: int
    why: str


def _refuse(number: int, why: str, calls: str) -> Refused:
    return Refused(calls=frozenset(calls.split()), errno=number, why=why)


def _check(number: int, why: str, calls: str, *conditions: Condition) -> Checked:
    return Checked(calls=frozenset(calls.split()), conditions=conditions, errno=number, why=why)


ALLOWED: Mapping[str, frozenset[str]] = {
    why: frozenset(calls.split())
    for why, calls in {
        "memory of its own": """
            brk mmap munmap mremap mprotect msync mincore madvise munlock munlockall pkey_mprotect pkey_alloc pkey_free
            mseal membarrier mbind set_mempolicy get_mempolicy""",
        "threads of its own, and ending": """
            exit exit_group futex set_robust_list set_tid_address rseq arch_prctl sched_yield wait4 waitid""",
        "signals to itself and timers": """
            rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack pause
            restart_syscall alarm getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun
            timer_delete timerfd_create timerfd_settime timerfd_gettime signalfd signalfd4 nanosleep clock_nanosleep""",
        "descriptors that it has": """
            read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range dup dup2 dup3
            fstat fstatfs ftruncate fallocate fsync fdatasync sync_file_range flock fadvise64 readahead sendfile
            copy_file_range pipe pipe2 select pselect6 poll ppoll eventfd eventfd2 epoll_create epoll_create1 epoll_ctl
            epoll_wait epoll_pwait epoll_pwait2""",
        "the pair of sockets that asyncio wakes itself with": """
            getsockname getpeername getsockopt shutdown""",
        "files, as far as mounts and Landlock let it": """
            open openat openat2 stat lstat newfstatat statx statfs access faccessat faccessat2 readlink readlinkat
            getdents getdents64 chdir fchdir creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
            link linkat symlink symlinkat umask getcwd
            chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat truncate""",
        "questions about itself and the machine": """
            getpid getppid gettid getpgid getpgrp getsid getuid geteuid getgid getegid getresuid getresgid getgroups
            capget getrlimit setrlimit getrusage times getpriority ioprio_get sched_getaffinity sched_getattr
            sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval
            clock_gettime clock_getres gettimeofday time getcpu uname sysinfo getrandom""",
    }.items()
}
"""Calls that pass whatever their arguments, by what they are needed for."""

_THREAD = 0x00010000
_ANY_NEW_NAMESPACE = 0x7E020000
"""`CLONE_THREAD`, and all `CLONE_NEW*` that `clone` takes, of `linux/sched.h`."""
_AF_UNIX = 1
_SOCK_STREAM = 1
_SOCKET_TYPE = 0xF
"""`SOCK_TYPE_MASK`: the rest are `SOCK_CLOEXEC` and `SOCK_NONBLOCK`."""
_OUT_OF_BAND = 1
"""`MSG_OOB` of `linux/socket.h`."""
_DESCRIPTOR_COMMANDS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032, 1034)
"""`F_DUPFD` to `F_SETLKW`, `F_OFD_*`, `F_DUPFD_CLOEXEC`, `F_GETPIPE_SZ`, `F_GET_SEALS` of `fcntl.h`."""
_TERMINAL_QUESTIONS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x802C542A)
"""`TCGETS`, `TIOCGWINSZ`, `FIONREAD`, `FIONBIO`, `FIONCLEX`, `FIOCLEX`, `TCGETS2` of `asm-generic/ioctls.h`."""
_HARMLESS_PRCTL = (2, 3, 15, 16, 21, 23, 30, 39, 42, 51, 56, 0x53564D41)
"""`PR_GET_PDEATHSIG`, `_GET_DUMPABLE`, `_SET_NAME`, `_GET_NAME`, `_GET_SECCOMP`, `_CAPBSET_READ`, `_GET_TIMERSLACK`,
`_GET_NO_NEW_PRIVS`, `_GET_THP_DISABLE`, `_SVE_GET_VL`, `_GET_TAGGED_ADDR_CTRL`, `_SET_VMA` of `linux/prctl.h`."""

CHECKED = (
    _check(
        errno.EPERM,
        "a thread, but no process and no namespace",
        "clone",
        Condition(argument=0, mask=_THREAD | _ANY_NEW_NAMESPACE, one_of=(_THREAD,)),
    ),
    _check(
        errno.EPERM,
        "signals to itself only; 0, -1 and other negative numbers mean many",
        "kill tkill tgkill",
        Condition(argument=0, one_of=(OWN_PID,)),
    ),
    _check(
        errno.EPERM,
        "it could lower the limits of the process that started it, or move it to one processor",
        "prlimit64 sched_setaffinity",
        Condition(argument=0, one_of=(0, OWN_PID)),
    ),
    _check(
        errno.EPERM,
        "asyncio needs a pair; a datagram socket, connected or not, sends to any address (`unix_dgram_sendmsg`)",
        "socketpair",
        Condition(argument=0, one_of=(_AF_UNIX,)),
        Condition(argument=1, mask=_SOCKET_TYPE, one_of=(_SOCK_STREAM,)),
    ),
    _check(
        errno.EPERM,
        "out-of-band data in unix sockets has let programs into the kernel (CVE-2025-38236), and nobody needs it",
        "sendto recvfrom",
        Condition(argument=3, mask=_OUT_OF_BAND, one_of=(0,)),
    ),
    _check(
        errno.EPERM,
        "out-of-band data, as above",
        "sendmsg recvmsg",
        Condition(argument=2, mask=_OUT_OF_BAND, one_of=(0,)),
    ),
    _check(
        errno.EPERM,
        "F_SETOWN and F_SETSIG have the kernel send any signal to any process of the user; leases and F_NOTIFY watch files",
        "fcntl",
        Condition(argument=1, one_of=_DESCRIPTOR_COMMANDS),
    ),
    _check(
        errno.ENOTTY,
        "TIOCSTI types into the terminal, TIOCSCTTY, TIOCCONS and TIOCLINUX take it over, FIOSETOWN is F_SETOWN",
        "ioctl",
        Condition(argument=1, one_of=_TERMINAL_QUESTIONS),
    ),
    _check(
        errno.EPERM,
        "PR_SET_PDEATHSIG would let it outlive its parent; PR_SET_DUMPABLE, seccomp and others undo what was set up",
        "prctl",
        Condition(argument=0, one_of=_HARMLESS_PRCTL),
    ),
)
"""Calls that depend on their arguments."""

REFUSED = (
    _refuse(errno.EPERM, "no other process and no other program", "fork vfork execve execveat"),
    _refuse(
        errno.ENOSYS,
        "its flags lie in memory, out of a filter's sight; the C library falls back to `clone`",
        "clone3",
    ),
    _refuse(
        errno.EPERM,
        "no network; a network namespace covers neither vsock nor unix sockets with a path",
        "socket connect accept accept4 bind listen setsockopt sendmmsg recvmmsg",
    ),
    _refuse(
        errno.EPERM,
        "no hold on other processes",
        """rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal pidfd_open pidfd_getfd ptrace process_vm_readv
        process_vm_writev process_madvise process_mrelease kcmp get_robust_list migrate_pages move_pages setpgid setsid
        setpriority ioprio_set sched_setscheduler sched_setparam sched_setattr""",
    ),
    _refuse(
        errno.EPERM,
        "no other user, no capabilities, no policy of its own over ours",
        """setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset seccomp personality
        landlock_create_ruleset landlock_add_rule landlock_restrict_self""",
    ),
    _refuse(
        errno.EPERM,
        "no namespaces and no mounts",
        """unshare setns mount umount2 pivot_root chroot fsopen fsconfig fsmount fspick open_tree open_tree_attr move_mount
        mount_setattr""",
    ),
    _refuse(
        errno.ENOSYS, "they tell about the mounts and namespaces of the machine", "statmount listmount listns"
    ),
    _refuse(
        errno.EPERM,
        "memory that no limit of the process counts, or that outlives it",
        """memfd_create shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open
        mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr mlock mlock2 mlockall""",
    ),
    _refuse(
        errno.ENOSYS,
        "they do the work of other calls out of a filter's sight, or have done so",
        """io_uring_setup io_uring_enter io_uring_register io_setup io_destroy io_getevents io_submit io_cancel
        io_pgetevents""",
    ),
    _refuse(
        errno.EPERM,
        "roads into the kernel that no coursework takes",
        "bpf perf_event_open keyctl add_key request_key modify_ldt iopl ioperm splice tee vmsplice",
    ),
    _refuse(
        errno.EPERM,
        "the machine's own affairs",
        """init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl
        quotactl_fd settimeofday clock_settime adjtimex clock_adjtime syslog sethostname setdomainname vhangup sync
        syncfs""",
    ),
    _refuse(
        errno.EPERM,
        "files by number instead of by name, devices, watching, and giving files away",
        """name_to_handle_at open_by_handle_at mknod mknodat fanotify_init fanotify_mark inotify_init inotify_init1
        inotify_add_watch inotify_rm_watch chown fchown lchown fchownat""",
    ),
    _refuse(
        errno.EOPNOTSUPP,
        "Landlock does not see extended attributes; `shutil.copy2` takes this answer for a file system without them",
        """setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr
        lremovexattr fremovexattr""",
    ),
    _refuse(
        errno.ENOSYS,
        "new, and whoever calls them can do without",
        """userfaultfd memfd_secret set_mempolicy_home_node cachestat map_shadow_stack futex_waitv futex_wake futex_wait
        futex_requeue lsm_get_self_attr lsm_set_self_attr lsm_list_modules setxattrat getxattrat listxattrat
        removexattrat file_getattr file_setattr uretprobe uprobe""",
    ),
    _refuse(
        errno.ENOSYS,
        "old, and gone from most kernels",
        """uselib ustat sysfs _sysctl create_module get_kernel_syms query_module nfsservctl getpmsg putpmsg afs_syscall
        tuxcall security set_thread_area get_thread_area lookup_dcookie epoll_ctl_old epoll_wait_old vserver
        remap_file_pages""",
    ),
)
"""Calls that always fail."""

SEALED = _refuse(
    errno.EACCES,
    "no path at all: what the submission may import is imported before",
    """open openat openat2 stat lstat newfstatat statx statfs access faccessat faccessat2 readlink readlinkat
    getdents getdents64 chdir fchdir creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    link linkat symlink symlinkat chmod fchmodat fchmodat2 utime utimes utimensat futimesat truncate""",
)
"""Besides, where neither mounts nor Landlock close the file system."""

NO_METADATA = _refuse(
    errno.EPERM,
    "Landlock does not see changes of permissions and times, and before ABI 3 none of size",
    "chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat truncate",
)
"""Besides, where files of others can be reached."""

NO_FILES = _refuse(
    errno.EROFS,
    "it has no folder of its own to change",
    """creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat truncate""",
)
"""Besides, where it has no folder to write in."""
