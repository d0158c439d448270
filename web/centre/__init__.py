"""The workbench of a service centre: applicants taken in, judged, and answered for."""
