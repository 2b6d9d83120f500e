"""What people see of a grade: result files, student reports, the class page and the CSV file."""
