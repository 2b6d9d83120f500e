"""What the Linux kernel offers to confine a process, called by `ctypes`; the policy of the sandbox is elsewhere.

These modules also run in the process that becomes the student's, so they import the standard library and each other alone.
"""
