"""Lists of enterprises: handed in, mapped, screened as a job, stored."""
